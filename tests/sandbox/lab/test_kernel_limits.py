import os
import resource
from pathlib import Path

import pytest

from liferaft_sandbox.failures import MachineLacks
from liferaft_sandbox.lab.kernel_limits import ENOUGH_INSTANCES, raise_limits


def test_a_limit_that_is_too_low_for_many_hosts_is_raised(tmp_path: Path) -> None:
    limit = tmp_path / "max_user_instances"
    limit.write_text("128\n")
    raise_limits(limit)
    assert int(limit.read_text()) == ENOUGH_INSTANCES


def test_a_limit_that_is_higher_stays(tmp_path: Path) -> None:
    limit = tmp_path / "max_user_instances"
    limit.write_text(f"{ENOUGH_INSTANCES * 2}\n")
    raise_limits(limit)
    assert int(limit.read_text()) == ENOUGH_INSTANCES * 2


def test_a_machine_that_keeps_its_limit_is_refused_with_the_figure(tmp_path: Path) -> None:
    limit = tmp_path / "max_user_instances"
    limit.write_text("128\n")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))  # any write of more is refused
    try:
        with pytest.raises(MachineLacks) as refused:
            raise_limits(limit)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "128" in refused.value.facts.happened
    assert f"max_user_instances={ENOUGH_INSTANCES}" in refused.value.facts.do


@pytest.mark.sandbox
@pytest.mark.skipif(os.geteuid() != 0, reason="limits of the kernel need root")
def test_this_machine_has_room_for_many_hosts() -> None:
    raise_limits()
    assert int(Path("/proc/sys/fs/inotify/max_user_instances").read_text()) >= ENOUGH_INSTANCES
