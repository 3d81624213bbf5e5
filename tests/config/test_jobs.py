"""The tables [jobs.NAME], as an operator writes them."""

from typing import Any

import pytest
from pydantic import ValidationError

from liferaft.config.jobs import JobConfig, on_servers
from liferaft.config.sites import ServerConfig

SERVERS = {"app": ServerConfig.model_validate({"cpus": 2, "memory": "4GiB", "runs": ["web"]})}


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"schedule": "every day"}, "has not five fields"),
        ({"schedule": 5}, "it is no text"),
        ({"service": "web"}, "service and command go with schedule"),
        ({"command": ("ls",)}, "service and command go with schedule"),
        ({"schedule": "0 3 * * *", "at_failover": True}, "at_failover is for a job without"),
        ({"within": "25h"}, "is no time from 1m to 24h"),
        ({"at_failover": "yes"}, "valid boolean"),
        ({"within": "30s"}, "is no time from 1m to 24h"),
    ],
)
def test_a_table_that_says_two_things_or_none_is_told(table: Any, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        JobConfig.model_validate(table)


def test_a_job_of_a_service_that_no_group_runs_is_told_with_the_way_out() -> None:
    clear = JobConfig(schedule="0 3 * * *", service="worker")
    (one,) = on_servers(SERVERS, {"clear": clear})
    assert one.place == ("jobs", "clear", "service")
    assert 'runs = [..., "worker"] under one of app' in one.valid
    (one,) = on_servers(SERVERS, {"migrate": JobConfig()})
    assert one.place == ("jobs", "migrate")
    web = JobConfig(schedule="0 3 * * *", service="web")
    assert not list(on_servers(SERVERS, {"clear": web}))
