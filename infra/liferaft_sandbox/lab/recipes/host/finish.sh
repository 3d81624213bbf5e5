# Nothing of the data or workload runs by itself.
rm -f /etc/cni/net.d/87-podman-bridge.conflist
systemctl --quiet disable caddy postgresql podman.socket podman.service \
    podman-restart.service podman-auto-update.service podman-auto-update.timer
# A cluster made without a locale would be SQL_ASCII, unlike the clouds' images.
pg_dropcluster @POSTGRESQL@ main
pg_createcluster --locale C.UTF-8 --start-conf manual @POSTGRESQL@ main >/dev/null
install -d -o postgres -g postgres -m 750 /etc/pgbackrest/conf.d
