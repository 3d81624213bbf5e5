#!/bin/sh
# Runs inside the new tree, after the packages: nothing of the data or workload runs by itself.
set -eu
rm -f /etc/hostname /etc/ssh/ssh_host_* /etc/cni/net.d/87-podman-bridge.conflist
# Empty, not missing: every host makes its own, and systemd does not apply presets as on a first boot.
: > /etc/machine-id
systemctl --quiet enable systemd-networkd
systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service
systemctl --quiet disable caddy nftables postgresql podman.socket podman.service \
    podman-restart.service podman-auto-update.service podman-auto-update.timer
# A cluster made without a locale would be SQL_ASCII, unlike the clouds' images.
pg_dropcluster 15 main
pg_createcluster --locale C.UTF-8 --start-conf manual 15 main >/dev/null
install -d -o postgres -g postgres -m 750 /etc/pgbackrest/conf.d
