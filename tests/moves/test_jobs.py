"""Jobs of a release in the plans of moves: once for a deploy, before any server starts it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import yaml
from pydantic import SecretStr
from tests.moves.planned import FAILOVER

from liferaft.compose import application
from liferaft.config import AccessKeyPair, Config
from liferaft.config.jobs import JobConfig
from liferaft.moves import deploy, drill, failover, jobs
from liferaft.moves.actions.drill import StartOnTrial
from liferaft.moves.actions.once import RunJobsOnce
from liferaft.moves.actions.workload import StartWorkload
from liferaft.moves.inputs import DeployInputs
from liferaft.plan.plan import Plan
from liferaft.site.world import World
from liferaft_sandbox.vendors.certificates import Authority

Before = Callable[[Plan, str], set[str]]
DEPLOY = DeployInputs(site="east", epoch=1, reigns=True, jobs={"migrate": True})
COMPOSE = """\
services:
  web: {image: "chirp:1", ports: ["8080:80"]}
  worker: {image: "chirp:1"}
  migrate: {image: "chirp:1", restart: "no"}
  nobody: {image: "chirp:1", restart: "no"}
"""


def with_jobs(config: Config, **told: JobConfig) -> Config:
    """Each of two servers could run the job."""
    group = config.servers["app"]
    group = group.model_copy(update={"runs": (*group.runs, "migrate"), "count": 2})
    servers = {**config.servers, "app": group}
    config.app.compose.write_text(COMPOSE)
    return config.model_copy(update={"servers": servers, "jobs": told})


def once(plan: Plan) -> list[RunJobsOnce]:
    return [one.action for one in plan.steps if isinstance(one.action, RunJobsOnce)]


def test_a_deploy_runs_each_job_that_a_server_runs_and_a_failover_none(config: Config) -> None:
    config = with_jobs(config)
    assert jobs.at_deploy(config) == {"migrate": True}
    assert jobs.at_failover(config) == {"migrate": False}


def test_a_failover_runs_what_liferaft_toml_asks_for(config: Config) -> None:
    config = with_jobs(config, migrate=JobConfig(at_failover=True))
    assert jobs.at_failover(config) == {"migrate": True}


def test_a_job_runs_on_one_server_and_each_server_starts_after_it(
    config: Config, before: Before
) -> None:
    plan = deploy.plan(with_jobs(config), DEPLOY)
    (one,) = once(plan)
    assert (one.server, one.jobs) == ("app-1", ("migrate",))
    for server in ("app-1", "app-2"):
        assert "once-app-1" in before(plan, f"workload-{server}")
    (started,) = (step for step in plan.steps if step.name == "workload-app-1")
    assert "migrate" not in started.sentence


def test_a_failover_without_jobs_waits_for_none_and_speaks_of_none(config: Config) -> None:
    found = replace(FAILOVER, jobs={"migrate": False})
    plan = failover.plan(with_jobs(config), found)
    assert not once(plan)
    assert not any("migrate" in step.sentence for step in plan.steps)


def test_a_job_of_a_failover_runs_once_its_data_takes_writes(
    config: Config, before: Before
) -> None:
    found = replace(FAILOVER, jobs={"migrate": True})
    plan = failover.plan(with_jobs(config), found)
    assert "promote" in before(plan, "once-app-1")


def test_a_drill_runs_what_its_failover_would_run_told_what_a_drill_tells(config: Config) -> None:
    config = with_jobs(config)
    told = config.drill.model_copy(update={"environment": {"SMTP": "drill"}})
    config = config.model_copy(update={"drill": told})
    for runs in (True, False):
        found = replace(FAILOVER, jobs={"migrate": runs})
        plan = drill.plan(config, drill.inputs_for(found, "north"))
        assert [one.instead for one in once(plan)] == [{"SMTP": "drill"}] * runs


def test_a_job_has_the_time_that_it_is_given(config: Config) -> None:
    told = JobConfig.model_validate({"within": "3h"})
    plan = deploy.plan(with_jobs(config, migrate=told), DEPLOY)
    (step,) = (one for one in plan.steps if isinstance(one.action, RunJobsOnce))
    assert once(plan)[0].within == 3 * 3600
    assert step.deadline > 3 * 3600


def test_a_run_is_planned_again_as_it_was(config: Config) -> None:
    config = with_jobs(config)
    again = DeployInputs.from_json(DEPLOY.to_json())
    assert deploy.plan(config, again).digest() == deploy.plan(config, DEPLOY).digest()


def test_a_table_for_a_service_that_stays_and_servers_with_jobs_alone_are_told(
    config: Config,
) -> None:
    config = with_jobs(config, web=JobConfig())
    alone = config.servers["app"].model_copy(update={"runs": ("migrate",)})
    config = config.model_copy(update={"servers": {**config.servers, "jobs": alone}})
    wrong = list(jobs.objections(config, application.described(config)))
    assert [one.partition(",")[0] for one in wrong] == [
        "[jobs.web] is for a service that ends",
        "The servers of group jobs run nothing that stays: migrate would be run once",
    ]


CLEAR = JobConfig(schedule="0 0 13 * fri", service="web", command=("clear", "--all"))


def test_a_service_that_ends_and_has_a_schedule_is_run_by_it_alone(config: Config) -> None:
    config = with_jobs(config, migrate=JobConfig(schedule="0 3 * * *"))
    assert jobs.at_deploy(config) == {"migrate": False}


async def test_the_server_of_a_job_is_told_of_it_with_the_release_and_the_others_are_not(
    in_a_bucket: Callable[[str], World], tmp_path: Path
) -> None:
    world = in_a_bucket("s3://chirp-vault")
    keys = AccessKeyPair(SecretStr("id"), SecretStr("secret"))
    authority = tmp_path / "ca.pem"
    authority.write_bytes(Authority("test").root())
    world.site.credentials = replace(
        world.site.credentials, buckets={"north": keys}, users_ca_file=authority
    )
    world.site.config = with_jobs(world.site.config, clear=CLEAR)
    vars(world.site).pop("roster", None)  # it was made of what the configuration was before
    given = await StartWorkload("app-1", 1)._workload(world)
    files = {file.path.rpartition("/")[2]: file.content for file in given.files()}
    assert "jobs.json" in files
    described = yaml.safe_load(files["jobs.yaml"])["services"]
    assert described["clear"]["command"] == ["clear", "--all"]
    assert {"ports", "restart"}.isdisjoint(described["clear"])
    assert set(yaml.safe_load(files["compose.yaml"])["services"]) == {"web"}
    for other in (StartWorkload("app-2", 1), StartOnTrial("app-1", 1)):
        assert not (await other._workload(world)).scheduled


def test_a_job_that_is_called_as_another_service_is_told(config: Config) -> None:
    config = with_jobs(config, worker=CLEAR)
    (wrong,) = jobs.objections(config, application.described(config))
    assert wrong.startswith("[jobs.worker] is called as a service")
