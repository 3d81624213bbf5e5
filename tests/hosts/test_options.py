"""What podman is told of a service is what its keys mean in Compose."""

from pathlib import Path

import pytest

from liferaft.compose.application import parse
from liferaft.hosts.options import options


def told(line: str) -> tuple[str, ...]:
    compose = parse(f"services:\n  web:\n    image: a:1\n    {line}\n", Path("compose.yaml"))
    return options("web", compose.services["web"])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("hostname: web", ("--hostname=web",)),
        ("entrypoint: [/bin/a, $$b]", ('--entrypoint=["/bin/a", "$b"]',)),
        ("entrypoint: []", ("--entrypoint=",)),
        ("container_name: mine", ("--network-alias=web", "--network-alias=mine")),
        (
            "networks: {default: {aliases: [other]}}",
            ("--network-alias=web", "--network-alias=other"),
        ),
        ("mem_limit: 512M", ("--memory=512m",)),
        ("deploy: {resources: {limits: {cpus: 0.5}}}", ("--cpus=0.5",)),
        ("cap_drop: [ALL]", ("--cap-drop=ALL",)),
        ("ulimits: {nofile: {soft: 1, hard: 2}}", ("--ulimit=nofile=1:2",)),
        ("sysctls: {net.core.somaxconn: 1024}", ("--sysctl=net.core.somaxconn=1024",)),
        ("extra_hosts: ['a=10.0.0.1']", ("--add-host=a:10.0.0.1",)),
        ("dns: [10.0.0.1, 10.0.0.2]", ("--dns=10.0.0.1", "--dns=10.0.0.2")),
        ("read_only: true", ("--read-only=true",)),
        ("tty: false", ()),
        ("tmpfs: /run:size=64m", ("--tmpfs=/run:size=64m",)),
        ("volumes: [{type: tmpfs, target: /t, tmpfs: {size: 9}}]", ("--tmpfs=/t:size=9",)),
        ("healthcheck: {disable: true}", ("--no-healthcheck",)),
        ("healthcheck: {test: [NONE]}", ("--no-healthcheck",)),
        (
            "healthcheck: {test: [CMD, curl, 'a b'], interval: 1m30s, retries: 3}",
            ('--health-cmd=["curl", "a b"]', "--health-interval=90s", "--health-retries=3"),
        ),
        ("healthcheck: {test: [CMD, well]}", ('--health-cmd=["CMD-SHELL", "well"]',)),
        ("healthcheck: {test: curl a}", ('--health-cmd=["CMD-SHELL", "curl a"]',)),
    ],
)
def test_a_key_of_the_file_is_a_word_of_podmans(line: str, words: tuple[str, ...]) -> None:
    assert told(line) == words
