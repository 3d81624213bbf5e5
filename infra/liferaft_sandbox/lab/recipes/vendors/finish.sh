#!/bin/sh
# Mount points of every service: its data, the one program that does not come from Debian.
set -eu
install -d -m 700 /data
install -d /opt/bin
: > /opt/bin/weed
: > /etc/resolv.conf
