"""What the program wants of one resource; what of that we refuse."""

from pathlib import Path

import pytest

from liferaft.provision.engine.embedded.goal import Registration, goal_of, with_ignored
from liferaft.provision.engine.embedded.program import check_program
from liferaft.provision.engine.embedded.wire import to_struct
from liferaft.provision.engine.faults import BadProgram, EngineLacks
from liferaft.provision.engine.state.rows import Row


def test_ignored_inputs_are_as_they_were() -> None:
    request = Registration(type="a:b:C", name="x", object=to_struct({"size": 2, "note": "new"}))
    old = Row(urn="u", custom=True, type="a:b:C", inputs={"size": 1, "gone": True})
    request.ignoreChanges.extend(["size", "gone"])
    goal = goal_of(request, "golden", "dev")
    assert with_ignored(goal, old) == {"size": 1, "note": "new", "gone": True}
    assert with_ignored(goal, None) == {"size": 2, "note": "new"}


@pytest.mark.parametrize(
    ("pulumi_yaml", "error", "what"),
    [
        (None, BadProgram, r"Pulumi\.yaml is not a Pulumi project: there is no such file"),
        ("a: [", BadProgram, "not YAML"),
        ("name: x\nruntime: go\n", EngineLacks, "`go`"),
        ("name: x\nruntime: python\nmain: app/\n", EngineLacks, "`main`"),
        ("name: x\nruntime: {name: python, options: {virtualenv: v}}\n", BadProgram, "__main__"),
    ],
)
def test_a_folder_that_cannot_be_run_is_told_why(
    pulumi_yaml: str | None, error: type[Exception], what: str, tmp_path: Path
) -> None:
    folder = tmp_path
    if pulumi_yaml is not None:
        (folder / "Pulumi.yaml").write_text(pulumi_yaml)
    with pytest.raises(error, match=what):
        check_program(folder)
