#!/bin/sh
# Runs inside the new tree, after the packages.
set -eu
rm -f /etc/hostname /etc/ssh/ssh_host_* /etc/apt/sources.list.d/*
# Empty, not missing: every host makes its own, and systemd does not apply presets as on a first boot.
: > /etc/machine-id
echo LANG=C.UTF-8 > /etc/default/locale
systemctl --quiet enable systemd-networkd
systemctl --quiet disable nftables
systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service
