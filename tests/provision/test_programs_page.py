"""docs/programs.md: complete, and its example works."""

import json
import re
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

import pulumi
import pytest

from liferaft.clouds.kinds import KINDS, ResourceKind
from liferaft.provision import resources
from liferaft.provision.description import ServerGroup, SiteDescription
from liferaft.provision.provider import _REQUIRED, INVENTORY, SYSTEM
from liferaft.site.outputs import BucketOutput, ServerOutput, SiteOutputs

PAGE = (Path(__file__).parents[2] / "docs" / "programs.md").read_text()
NONE = "\N{EN DASH}"
ALL = list(KINDS.values())
SHAPE = SiteDescription(
    groups=(ServerGroup("db", 2, 4096), ServerGroup("app", 2, 4096, ports=(80, 443))),
    ssh_public_key="ssh-ed25519 AAAA operator",
    bucket="chirp-media",
)


def section(title: str) -> str:
    """What stands below a heading, up to the next one."""
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def rows(title: str) -> dict[str, list[str]]:
    """First cell, in back quotes → the cells behind it."""
    lines = re.findall(r"^\| `([^`]+)` \| (.+) \|$", section(title), re.MULTILINE)
    return {name: [cell.strip() for cell in rest.split(" | ")] for name, rest in lines}


@pytest.mark.parametrize("kind", ALL, ids=[kind.name for kind in ALL])
def test_each_property_is_there_with_what_it_takes_and_what_a_change_does(
    kind: ResourceKind[Any, Any],
) -> None:
    expected = {one.name: [NONE, NONE] for one in fields(kind.facts) if one.name != "id"}
    for one in fields(kind.spec):
        change = "in place" if one.name in kind.updatable else "a new one"
        change = "nothing" if one.name in kind.at_birth else change
        expected[one.name] = ["needed" if one.default is MISSING else "may be", change]
    shown = rows(resources.CLASSES[kind.name].__name__)
    assert {name: cells[:2] for name, cells in shown.items()} == expected


def test_no_resource_is_described_that_does_not_exist() -> None:
    described = re.findall(r"^### ([A-Z]\w+)$", PAGE, re.MULTILINE)
    assert described == [resources.CLASSES[kind.name].__name__ for kind in ALL]


def test_the_outputs_are_those_that_moves_read() -> None:
    assert set(rows("What a program has to give back")) == {o.name for o in fields(SiteOutputs)}
    assert set(rows("Each of `servers`")) == {one.name for one in fields(ServerOutput)}
    assert set(rows("The `bucket`")) == {one.name for one in fields(BucketOutput)}


def test_the_providers_configuration_is_named() -> None:
    named = set(re.findall(r"`liferaft:(\w+)`", section("What a program is given")))
    assert named == {*_REQUIRED, INVENTORY, SYSTEM}


@dataclass
class Cloud(pulumi.runtime.Mocks):
    """Fills in what clouds do."""

    made: list[str] = field(default_factory=list)

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.made.append(args.name)
        facts: dict[str, Any] = {
            "address": "192.0.2.100",
            "publicAddress": "192.0.2.1",
            "privateAddress": "10.20.1.11",
            "endpoint": "https://s3.example",
            "region": "us-east-1",
        }
        return f"{args.name}-id", {**facts, **args.inputs}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], None]:
        raise AssertionError(args.token)


async def test_the_example_runs_and_gives_back_what_moves_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cloud = Cloud()
    pulumi.runtime.set_mocks(cloud, project="chirp", stack="east", preview=False)
    texts = json.dumps({"db-1": "#!/bin/sh", "app-1": "#!/bin/sh"})
    config = {"chirp:spec": SHAPE.to_json(), "chirp:user_data": texts}
    pulumi.runtime.set_all_config(config, ["chirp:user_data"])
    exported: dict[str, Any] = {}
    monkeypatch.setattr(pulumi, "export", exported.__setitem__)
    example, _ = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    exec(compile(example, "programs.md", "exec"), {})  # noqa: S102  # it is ours
    values = {name: await pulumi.Output.from_input(v).future() for name, v in exported.items()}
    outputs = SiteOutputs.of("east", values)
    assert outputs.address == "192.0.2.100"
    assert [(server.name, server.group) for server in outputs.servers] == [
        ("db-1", "db"),
        ("app-1", "app"),
    ]
    assert outputs.bucket == BucketOutput("chirp-media", "https://s3.example", "us-east-1")
    assert {"network", "operators", "entry", "all", "db-1", "app-1", "bucket"} <= set(cloud.made)
