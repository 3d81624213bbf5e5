"""Whether containers stay up, told from looks at them."""

from dataclasses import replace

from liferaft.hosts.switching.containers import Container
from liferaft.hosts.switching.watch import STARTS, STEADY, Watch

WEB = Container("web", "app_web_1", "running", 0, 0, 1000, "image")
WORKER = replace(WEB, service="worker", name="app_worker_1")


def looked(watch: Watch, now: float, *containers: Container) -> tuple[str, str] | None:
    return watch.verdict({each.service: each for each in containers}, now)


def test_containers_are_up_once_each_has_run_on_for_its_first_seconds() -> None:
    watch = Watch(("web", "worker"), stays=3, again=10)
    assert looked(watch, 0, WEB, replace(WORKER, status="initialized", started=0)) is not None
    watch = Watch(("web", "worker"), stays=3, again=10)
    assert looked(watch, 0, WEB, WORKER) is None
    assert looked(watch, 2.9, WEB, WORKER) is None
    assert looked(watch, 3, WEB, WORKER) == (STEADY, "")


def test_one_that_ended_has_to_run_longer_before_it_is_believed() -> None:
    watch = Watch(("web",), stays=3, again=10)
    ended = replace(WEB, status="stopped", exit_code=1)
    back = replace(WEB, restarts=1, started=1002)
    assert looked(watch, 0, WEB) is None
    assert looked(watch, 2, ended) is None
    assert looked(watch, 2.5, back) is None
    assert looked(watch, 12, back) is None
    assert looked(watch, 12.5, back) == (STEADY, "")


def test_one_that_ends_between_two_looks_is_seen_by_podmans_own_count() -> None:
    watch = Watch(("web",), stays=3, again=10)
    assert looked(watch, 0, WEB) is None
    assert looked(watch, 3, replace(WEB, restarts=1)) is None


def test_one_that_ends_each_time_is_told_with_its_exit_code_and_not_waited_for() -> None:
    watch = Watch(("web", "worker"), stays=3, again=10)
    assert looked(watch, 0, replace(WEB, status="stopped", exit_code=3, restarts=1), WORKER) is None
    verdict = looked(watch, 0.5, replace(WEB, restarts=STARTS - 1), WORKER)
    assert verdict == (
        "unsteady",
        f"web was started {STARTS} times and ended each time, with exit code 3",
    )


def test_what_podman_did_not_make_or_could_not_start_is_told_at_once() -> None:
    assert looked(Watch(("web", "worker"), 3, 10), 0, WEB) == ("missing", "worker")
    created = replace(WEB, status="created", started=-1)
    assert looked(Watch(("web",), 3, 10), 0, created) == ("unsteady", "web could not be started")
