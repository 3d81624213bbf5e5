"""What a server publishes for the site's others, with real containers.

podman's image of tests has a shell alone, so the service runs the server's own Python.
"""

from dataclasses import replace
from typing import Any

import pytest
from tests.hosts.services import PATIENCE, SLEEPS, logs

from liferaft.compose.across import Station, on_station
from liferaft.compose.application import Compose, only
from liferaft.compose.service import Mount, MountKind
from liferaft.hosts import running
from liferaft.hosts.workload import Workload

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]
HERE, ELSEWHERE = "10.9.9.12", "10.9.9.11"
READ = "while read -r line; do echo $line; done </etc/hosts"
ANSWERS = replace(
    SLEEPS,
    command=("/usr/bin/python3", "-m", "http.server", "7000"),
    volumes=tuple(
        Mount(MountKind.SERVER, path, path, options=("ro",)) for path in ("/usr", "/lib", "/lib64")
    ),
    others=(("expose", ("7000",)),),
)


async def test_a_service_is_reached_at_a_private_address_that_comes_after_it_and_nowhere_else(
    container_host: Any,
) -> None:
    worker = replace(SLEEPS, command=("/bin/sh", "-c", f"{READ}; exec /bin/sleep 1000"))
    whole = Compose({"queue": ANSWERS, "worker": worker, "web": SLEEPS})
    here = Station(("queue", "worker"), HERE)
    there = on_station(whole, here, [Station(("web",), ELSEWHERE, faces_users=True), here])
    host, workload = container_host, Workload(only(there, here.services), {})
    await running.bring_up(host, workload, seconds=PATIENCE)
    names = await logs(host, "app_worker_1")
    assert f"{ELSEWHERE} web" in " ".join(names.split())
    late = "ip link add late type veth peer name behind; ip address add {}/24 dev late"
    await host.run(f"{late.format(HERE)}; ip link set late up; ip link set behind up")
    asked = "curl --silent --fail --max-time 5 --output /dev/null http://{}:7000/"
    await host.wait(asked.format(HERE), until="the service", deadline=PATIENCE)
    refused = await host.run(asked.format("127.0.0.1"), check=False)
    assert refused.exit_code, "it is published at other addresses, too"
