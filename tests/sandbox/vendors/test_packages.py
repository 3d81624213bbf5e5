"""The package mirror, and a vendor's own Debian that installs from it."""

from pathlib import Path

import pytest
from tests.sandbox.inside import NETWORK, SSH_IN, leftovers, machine, new_key, ssh, state_in

from liferaft.clouds.systems import SYSTEMS as PRODUCTS
from liferaft.data.postgres.layout import cluster_of
from liferaft.edge.proxy import PACKAGES as EDGE
from liferaft.hosts.workload import PACKAGES as WORKLOAD
from liferaft.moves.needs import EVERYWHERE
from liferaft_sandbox.lab.machines import Desired
from liferaft_sandbox.lab.systems import SYSTEMS
from liferaft_sandbox.sandboxes import bring_up, take_down
from liferaft_sandbox.state import cache_folder
from liferaft_sandbox.vendors.packages import mirrored


@pytest.mark.parametrize("name", PRODUCTS)
def test_the_mirror_has_all_that_moves_install(name: str) -> None:
    wanted = {*EVERYWHERE, *cluster_of(PRODUCTS[name]).packages, *WORKLOAD, *EDGE}
    assert wanted <= set(mirrored(SYSTEMS[name]))


@pytest.mark.sandbox
@pytest.mark.timeout(900)
def test_a_vendors_own_debian_installs_from_the_mirror_while_it_lives(
    tmp_path: Path,
) -> None:
    key, state = new_key(tmp_path), state_in(tmp_path, "plain")
    found = bring_up(state, cache=cache_folder(), say=print)

    def at(command: str) -> str:
        return ssh(tmp_path, "plain", key, "192.0.2.101", command)

    try:
        found.supervisor.reconcile("aws", Desired((NETWORK,), (machine(key, 1, SSH_IN),)))
        assert at("dpkg-query --show caddy postgresql podman 2>/dev/null; true") == ""
        install = "sudo apt-get -qq --no-install-recommends install acl"
        assert at("sudo apt-get -qq update && echo updated") == "updated"
        found.supervisor.kill("mirror")
        assert at(f"{install} >&2; echo $?") == "100"
        found.supervisor.revive("mirror")
        assert at(f"{install} >&2; echo $?") == "0"
    finally:
        take_down(state)
    assert leftovers(state) == []
