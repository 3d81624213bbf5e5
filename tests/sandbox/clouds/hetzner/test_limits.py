from __future__ import annotations

from liferaft_sandbox.clouds.hetzner.limits import LIMIT, RateLimit


def test_nothing_is_left_after_the_limit_and_one_comes_back_each_second() -> None:
    now = [0.0]
    limit = RateLimit(lambda: now[0])
    assert all(limit.spend() for _ in range(LIMIT))
    assert not limit.spend()
    assert limit.headers()["RateLimit-Remaining"] == "0"
    now[0] += 1
    assert limit.spend()
    assert not limit.spend()
