#!/bin/sh
# Mount points of every service: its data, the programs that do not come from Debian.
set -eu
install -d -m 700 /data
install -d /opt/bin
: > /opt/bin/weed
: > /opt/bin/versitygw
: > /etc/resolv.conf
