"""What the embedded engine does not support: refused by name, before anything is touched.

`python -m tests.provision.engine.embedded.test_refused` writes the list into docs/engine.md.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import resource_pb2
from tests.provision.engine.world import PRELUDE, World, program

from liferaft.provision.engine.embedded.goal import Registration, goal_of
from liferaft.provision.engine.embedded.program import check_program
from liferaft.provision.engine.embedded.wire import from_struct
from liferaft.provision.engine.faults import EngineLacks
from liferaft.provision.engine.state.checkpoint import read_latest
from liferaft.provision.engine.state.passphrase import Passphrase
from liferaft.provision.engine.state.rows import row_from_json
from liferaft.provision.engine.state.values import SIGNATURE

DOC = Path(__file__).parents[4] / "docs/engine.md"
BEGIN, END = "<!-- refused: from test_refused.py -->", "<!-- end of refused -->"

SERVER = "Server('web', image='x', opts=pulumi.ResourceOptions({}))"
PROGRAMS = {
    "the option `transforms`": SERVER.format("transforms=[lambda args: None]"),
    "the option `hooks`": SERVER.format(
        "hooks=pulumi.ResourceHookBinding(after_create=[lambda args: None])"
    ),
    "the option `custom_timeouts`": SERVER.format(
        "custom_timeouts=pulumi.CustomTimeouts(create='5m')"
    ),
    "the option `plugin_download_url`": SERVER.format("plugin_download_url='https://example.org'"),
    "the option `replace_with`": SERVER.format("replace_with=[net]"),
    "the option `replacement_trigger`": SERVER.format("replacement_trigger=1"),
    "the option `env_var_mappings`": SERVER.format("env_var_mappings={'A': 'B'}"),
    "a path inside a property": SERVER.format("ignore_changes=['tags.a']"),
    "the option `state_migrations`": SERVER.format("state_migrations=[lambda args: None]"),
    "the option `hide_diffs`": SERVER.format("hide_diffs=['image']"),
    "assets and archives": "Server('web', image=pulumi.StringAsset('x'))",
    "dynamic providers": (
        "import pulumi.dynamic as dynamic\n"
        "class Thing(dynamic.Resource):\n"
        "    pass\n"
        "Thing(dynamic.ResourceProvider(), 'thing', {})"
    ),
    "remote components": "pulumi.ComponentResource('a:b:C', 'site', {}, remote=True)",
    "provider functions": "pulumi.runtime.invoke('liferaft:index:find', {})",
    "methods of components": "pulumi.runtime.call('liferaft:index:Site/restart', {}, net)",
    "transforms": "pulumi.runtime.register_resource_transform(lambda args: None)",
    "invoke transforms": "pulumi.runtime.register_invoke_transform(lambda args: None)",
    "resource hooks": "pulumi.ResourceHook('hook', lambda args: None)",
    "error hooks": "pulumi.ErrorHook('hook', lambda args: None)",
}
"""Feature to the program's line that uses it."""
REGISTRATIONS: Mapping[str, tuple[str, resource_pb2.RegisterResourceRequest]] = {
    "parameterized packages": ("parameterized", Registration(packageRef="p")),
}
PROJECTS = {
    "programs in other languages than Python": ("`go`", "name: x\nruntime: go\n"),
    "keys in Pulumi.yaml that change how a program is run": (
        "`main`",
        "name: x\nruntime: python\nmain: app/\n",
    ),
}
STATES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "secrets providers other than a passphrase": (
        "secrets provider `cloud`",
        {"version": 3, "checkpoint": {"latest": {"secrets_providers": {"type": "cloud"}}}},
    ),
    "checkpoints of another version than 3": (
        "version 4",
        {"version": 4, "checkpoint": {"latest": {"resources": []}}},
    ),
    "features that a checkpoint asks for": (
        "features taint",
        {"version": 3, "features": ["taint"], "checkpoint": {"latest": {"resources": []}}},
    ),
}
ROWS = (
    "taint",
    "customTimeouts",
    "replaceWith",
    "replacementTrigger",
    "refreshBeforeUpdate",
    "viewOf",
    "resourceHooks",
    "extensionRef",
    "snippetID",
)
"""Fields of rows; they are one item of the list."""
VALUES = {
    "resources as property values, from a provider": "5cf8f73096256a8f31e491e813e4eb8e",
}


def features() -> list[str]:
    fields = ", ".join(f"`{name}`" for name in ROWS)
    tables: tuple[Mapping[str, object], ...] = (PROGRAMS, REGISTRATIONS, PROJECTS, STATES, VALUES)
    found = {feature for table in tables for feature in table}
    return sorted({*found, f"rows of a state with {fields}"})


@pytest.mark.golden
@pytest.mark.parametrize("feature", PROGRAMS)
async def test_a_program_that_uses_it_is_refused_before_anything_is_touched(
    feature: str, tmp_path: Path
) -> None:
    text = f"{PRELUDE}net = Network('net', cidr='10.0.0.0/8')\n{PROGRAMS[feature]}\n"
    refused = World(tmp_path, program(tmp_path, text))
    with pytest.raises(EngineLacks) as error:
        await refused.run("up")
    assert f"does not support {feature}" in error.value.facts.happened
    assert "Run this with the Pulumi CLI" in error.value.facts.do
    assert refused.objects == {}
    assert not refused.locks


@pytest.mark.parametrize("feature", REGISTRATIONS)
def test_a_registration_that_asks_for_it_is_refused(feature: str) -> None:
    words, request = REGISTRATIONS[feature]
    with pytest.raises(EngineLacks, match=words):
        goal_of(request, "golden", "dev")


@pytest.mark.parametrize("feature", PROJECTS)
def test_a_project_that_needs_it_is_refused(feature: str, tmp_path: Path) -> None:
    words, text = PROJECTS[feature]
    (tmp_path / "Pulumi.yaml").write_text(text)
    (tmp_path / "__main__.py").write_text("")
    with pytest.raises(EngineLacks, match=words):
        check_program(tmp_path)


@pytest.mark.parametrize("feature", STATES)
def test_a_state_that_needs_it_is_refused(feature: str) -> None:
    words, document = STATES[feature]
    with pytest.raises(EngineLacks, match=words):
        read_latest(json.dumps(document).encode())


@pytest.mark.parametrize("name", ROWS)
def test_a_row_that_we_could_not_carry_on_is_refused(name: str) -> None:
    with pytest.raises(EngineLacks, match=f"`{name}`"):
        row_from_json({"urn": "u", "custom": True, "type": "a:b:C", name: True}, Passphrase("p"))


@pytest.mark.parametrize("feature", VALUES)
def test_a_value_that_we_do_not_know_is_refused(feature: str) -> None:
    struct = struct_pb2.Struct()
    struct.update({"it": {SIGNATURE: VALUES[feature]}})
    with pytest.raises(EngineLacks, match="resources as property values"):
        from_struct(struct)


def test_the_documentation_lists_exactly_what_is_refused_here() -> None:
    assert _rewritten(DOC.read_text()) == DOC.read_text(), f"run: python -m {__spec__.name}"


def _rewritten(text: str) -> str:
    assert BEGIN in text
    assert END in text
    listed = "\n".join(f"- {feature}" for feature in features())
    pattern = f"{re.escape(BEGIN)}.*{re.escape(END)}"
    return re.sub(pattern, lambda _: f"{BEGIN}\n{listed}\n{END}", text, flags=re.DOTALL)


if __name__ == "__main__":
    DOC.write_text(_rewritten(DOC.read_text()))
