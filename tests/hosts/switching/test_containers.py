"""Containers, seen on their server."""

from dataclasses import replace

from liferaft.hosts.switching.containers import Container

WEB = Container("web", "app_web_1", "running", 0, 0, 1000, "image")


def test_a_container_is_read_from_podmans_own_line() -> None:
    assert Container.of("web\tapp_web_1\trunning\t0\t0\t1000\timage") == WEB


def test_what_runs_is_known_to_last_by_how_long_it_has_run_even_if_the_clock_was_set_back() -> None:
    assert not WEB.lasts(1002, stays=3, again=10)
    assert WEB.lasts(1003, stays=3, again=10)
    assert WEB.lasts(900, stays=3, again=10)
    again = replace(WEB, restarts=1)
    assert not again.lasts(1009, stays=3, again=10)
    assert again.lasts(1010, stays=3, again=10)
    assert not replace(WEB, status="stopped").lasts(1010, stays=3, again=10)
