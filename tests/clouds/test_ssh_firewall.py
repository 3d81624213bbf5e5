"""A machine's own ruleset beside Debian's nftables.service: a real host with its systemd."""

from typing import TYPE_CHECKING

import pytest
from tests.data.conftest import lab

from liferaft.clouds.inventory import Inventory, InventoryMachine
from liferaft.clouds.kinds import Rule
from liferaft.clouds.ssh.firewall import TABLE, ruleset
from liferaft.clouds.ssh.scripts import FOLDER, firewall_script

if TYPE_CHECKING:
    from tests.data.conftest import Lab

__all__ = ["lab"]
THERE = f"nft list table inet {TABLE}"


@pytest.mark.sandbox
@pytest.mark.timeout(600)
async def test_the_ruleset_outlives_whatever_is_done_with_nftables(lab: "Lab") -> None:
    host = lab.hosts["one"]
    machine = InventoryMachine("m1", host.address, host.address, "", cpus=2, memory=4096, disk=40)
    rules = ruleset((Rule("tcp", ("0.0.0.0/0",), "22"),), machine, Inventory(machines=(machine,)))
    await host.run(f"mkdir -p {FOLDER}; {firewall_script(rules)}")
    wanted = await host.text(THERE)
    for done in ("start", "reload", "restart", "stop"):
        await host.run(["systemctl", done, "nftables"])
        assert await host.text(THERE) == wanted, done
    await host.run(["systemctl", "enable", "nftables"])
    await host.reboot()
    assert await host.text(THERE) == wanted
