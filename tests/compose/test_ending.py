"""Which services end by themselves, by what a Compose file says of them."""

from pathlib import Path

import pytest

from liferaft.compose.application import ending_services, parse, staying
from liferaft.compose.findings import ComposeInvalid


def ends(services: str) -> set[str]:
    text = "".join(f"  {line}\n" for line in services.splitlines())
    return set(ending_services(parse(f"services:\n{text}", Path("compose.yaml"))))


@pytest.mark.parametrize(
    "said",
    [
        "restart: 'no'",
        "restart: no",
        "deploy: {restart_policy: {condition: none}}",
    ],
)
def test_a_service_that_is_never_started_again_ends(said: str) -> None:
    assert ends(f"web: {{image: a}}\nmigrate: {{image: a, {said}}}") == {"migrate"}


@pytest.mark.parametrize("said", ["restart: always", "restart: unless-stopped", "tty: true"])
def test_one_that_says_nothing_of_its_end_or_is_started_again_stays(said: str) -> None:
    assert not ends(f"web: {{image: a, {said}}}")


@pytest.mark.parametrize("said", ["tty: true", "restart: on-failure", "restart: 'on-failure:3'"])
def test_one_that_others_wait_for_until_it_has_ended_ends(said: str) -> None:
    waits = "depends_on: {migrate: {condition: service_completed_successfully}}"
    assert ends(f"web: {{image: a, {waits}}}\nmigrate: {{image: a, {said}}}") == {"migrate"}


def test_on_failure_alone_is_refused_with_its_line_since_it_says_neither() -> None:
    with pytest.raises(ComposeInvalid) as caught:
        ends("web: {image: a}\nworker:\n  image: a\n  restart: on-failure")
    (finding,) = caught.value.findings
    assert (finding.problem.line, finding.problem.key) == (5, "services.worker.restart")
    assert "service_completed_successfully" in finding.problem.valid


def test_whoever_waits_for_a_job_that_no_server_runs_is_told_so_at_its_line() -> None:
    text = """\
services:
  web:
    image: a
    depends_on:
      migrate: {condition: service_completed_successfully}
      db: {condition: service_healthy}
  migrate: {image: a}
  db: {image: a}
"""
    with pytest.raises(ComposeInvalid) as caught:
        parse(text, Path("compose.yaml"), runs=["web"])
    (finding,) = caught.value.findings
    assert finding.problem.line == 5
    assert 'runs = [..., "migrate"]' in finding.problem.valid
    assert parse(text, Path("compose.yaml"), runs=["web", "migrate"])


def test_a_job_comes_after_the_jobs_that_it_depends_on() -> None:
    text = """\
services:
  web: {image: a, depends_on: [seed]}
  seed: {image: a, restart: 'no', depends_on: {migrate: {condition: service_started}}}
  migrate: {image: a, restart: 'no'}
"""
    compose = parse(text, Path("compose.yaml"))
    assert ending_services(compose) == ("migrate", "seed")
    assert set(staying(compose).services) == {"web"}
