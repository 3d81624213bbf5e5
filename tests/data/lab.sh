#!/bin/bash
# Real hosts and a real object store in namespaces of their own; run under
#   unshare --mount --net --pid --fork --kill-child --mount-proc --propagation private
# lab.sh WORK IMAGE CGROUP WEED HOST...   Nothing can leave it: there is no route.
# ROUND_TRIP: seconds between the hosts and the store, held by PYTHON; empty for none.
# SECOND: not empty for a second store beside it, at 10.99.0.2.
# FRONT: not empty for a front before the first store, at 10.99.0.3: `fault_front.py`, run by PYTHON.
set -eu
work=$1 image=$2 cgroup=$3 weed=$4
shift 4

umount -R /sys/fs/cgroup
mount -t sysfs sysfs /sys
mount -t cgroup2 none /sys/fs/cgroup
mount -t tmpfs tmpfs /run
ip link set lo up
# An address of its own: else it takes that of a host, and a host that is killed takes it away with
# it, so that the others do not reach the store for some ten seconds.
ip link add lab address 02:00:0a:63:00:01 type bridge
ip address add 10.99.0.1/24 dev lab
ip link set lab up

# The store is here, or behind a line that is as long as that.
store=10.99.0.1 there=
if [ -n "$ROUND_TRIP" ]; then
    store=10.99.1.1 there="nsenter --net=/run/netns/store"
    sysctl -qw net.ipv4.ip_forward=1
    ip netns add store
    ip link add to-store type veth peer name eth0 netns store
    ip address add 10.99.1.2/24 dev to-store
    ip link set to-store up
    ip -n store link set lo up
    ip -n store address add 10.99.1.1/24 dev eth0
    ip -n store link set eth0 up
    ip -n store route add default via 10.99.1.2
    "$PYTHON" -c "import pathlib, sys; from liferaft_sandbox.lab import distance
distance.place_apart(['lab', 'to-store'], $ROUND_TRIP, pathlib.Path('$work/distance.log'))"
fi

# weed opens sockets with fixed names in /tmp. It is opened before /tmp is covered: it may lie there.
serve() { # FOLDER ADDRESS
    mkdir "$1"
    # shellcheck disable=SC2086 # words of its own
    exec $there unshare --mount bash -c \
        'exec 9<"$1" && shift && mount -t tmpfs tmpfs /tmp && exec /proc/self/fd/9 "$@"' - \
        "$weed" -logdir="$1" mini -dir="$1" -ip="$2" -ip.bind="$2" \
        -master.telemetry=false -webdav=false -admin.ui=false -s3.port=8333 -s3.port.https=8443 \
        -s3.cert.file="$work/store.crt" -s3.key.file="$work/store.key" -s3.config="$work/s3.json" \
        -s3.port.iceberg=0 -s3.port.lance=0 -metricsPort=9327 -filer.localSocket="$1/filer.sock" \
        -s3.localSocket="$1/s3.sock" >"$1.log" 2>&1
}
serve "$work/store" "$store" &
if [ -n "$SECOND" ]; then
    ip address add 10.99.0.2/24 dev lab
    there='' serve "$work/second" 10.99.0.2 &
fi
reached=$store
if [ -n "$FRONT" ]; then
    reached=10.99.0.3
    ip address add "$reached/24" dev lab
    "$PYTHON" "$FRONT" "$work" "$reached" "$store" >"$work/front.log" 2>&1 &
fi

number=10
for host in "$@"; do
    number=$((number + 1))
    root=$work/$host
    mkdir -p "$root" "$work/$host.upper" "$work/$host.work" "$work/$host.containers"
    mount -t overlay overlay -o "lowerdir=$image,upperdir=$work/$host.upper,workdir=$work/$host.work" "$root"
    touch "$root/etc/cloud/cloud-init.disabled"
    echo "$host" >"$root/etc/hostname"
    printf '%s\n' "$reached objects.lab.test" "10.99.0.2 objects.second.test" >>"$root/etc/hosts"
    mkdir -p "$root/etc/ssl/liferaft"
    cp "$work/ca.crt" "$root/etc/ssl/liferaft/vault-ca.pem"
    printf '[Match]\nName=host0\n[Network]\nAddress=10.99.0.%s/24\nGateway=10.99.0.1\nIPv6AcceptRA=no\n' "$number" \
        >"$root/etc/systemd/network/05-lab.network"
    mkdir "/sys/fs/cgroup/$cgroup-$host"
    boot() (
        echo "$BASHPID" >"/sys/fs/cgroup/$cgroup-$host/cgroup.procs"
        exec systemd-nspawn -q -D "$root" -M "$host" -b --network-bridge=lab --register=no \
            --keep-unit --console=read-only --resolv-conf=off \
            --bind="$work/$host.containers:/var/lib/containers" \
            >>"$work/$host.console" 2>&1 </dev/null
    )
    # So it ends when its guest has asked to be booted anew.
    {
        while ended=0; boot || ended=$?; [ "$ended" = 133 ]; do
            find "/sys/fs/cgroup/$cgroup-$host" -mindepth 1 -depth -type d -exec rmdir {} +
        done
    } &
done
wait
