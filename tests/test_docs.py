"""What the documentation names exists, and what exists is documented."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import click
import pytest
from pydantic import BaseModel
from tests.commands import leaves

from liferaft.config.models import Config
from liferaft.data.registry import configs
from liferaft_cli import exits
from liferaft_cli.main import liferaft
from liferaft_sandbox.credentials import Credentials, KeyFiles, operator_environment

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
COMMANDS = ROOT / "docs" / "commands.md"
CONFIGURATION = ROOT / "docs" / "configuration.md"
FIRST_RUN = ROOT / "docs" / "first-run.md"
REFUSING = (ROOT / "infra" / "liferaft_sandbox", ROOT / "tests")
"""Where what refuses here lies."""
SAMPLE = ROOT / "stacks" / "liferaft_stacks" / "microblog" / "liferaft.toml"
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")})


def sections(page: Path) -> dict[str, str]:
    """Heading of the third level → what stands below it, up to the next heading."""
    parts = re.split(r"^(#+) (.+)$", page.read_text(), flags=re.MULTILINE)[1:]
    rows = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    return {title: body for level, title, body in rows if level == "###"}


def first_cells(text: str) -> set[str]:
    """What is in back quotes at the beginning of a table's rows."""
    return set(re.findall(r"^\| `([^`]+)`", text, re.MULTILINE))


ALL_COMMANDS = {" ".join(words): command for words, command in leaves(liferaft, "liferaft")}


def test_each_test_that_the_page_of_faults_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "faults.md").read_text()))
    there = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    assert len(named) > 10
    assert named - there == set()


def test_the_reference_has_a_section_for_each_command_and_no_other() -> None:
    assert set(sections(COMMANDS)) == set(ALL_COMMANDS)


@pytest.mark.parametrize("words", ALL_COMMANDS)
def test_each_option_and_argument_of_a_command_is_in_its_section(words: str) -> None:
    body, parameters = sections(COMMANDS)[words], ALL_COMMANDS[words].params
    options = {one.opts[-1] for one in parameters if isinstance(one, click.Option)}
    arguments = {str(one.name).upper() for one in parameters if isinstance(one, click.Argument)}
    usage = re.search(rf"^`{words}([^`]*)`:", body, re.MULTILINE)
    assert usage
    assert first_cells(body) == options
    assert set(re.findall(r"[A-Z]+", usage[1])) == arguments


def test_the_readme_names_each_command() -> None:
    text = README.read_text()
    missing = {words for words in ALL_COMMANDS if f"`{words.split()[-1]}" not in text}
    missing -= {words for words in ALL_COMMANDS if f"`{words}" in text or f"`{words[9:]}" in text}
    assert not missing


def test_the_table_of_exit_codes_is_the_one_of_the_code() -> None:
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", README.read_text(), re.MULTILINE)
    assert {int(code): text for code, text in rows} == exits.MEANINGS


def test_each_target_of_make_that_the_readme_names_exists() -> None:
    rules = re.findall(r"^([\w./-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", README.read_text(), re.MULTILINE))
    assert {"rehearsal", "test"} <= named
    assert named <= set(rules)


def test_the_readme_shows_the_configuration_of_the_sample_as_it_is() -> None:
    assert f"```toml\n{SAMPLE.read_text()}```" in README.read_text()


def tables(model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    """Every table of liferaft.toml as its heading, with its model."""
    for name, field in model.model_fields.items():
        yield from _tables_of(field.annotation, name)


def _tables_of(annotation: Any, name: str) -> Iterator[tuple[str, type[BaseModel]]]:
    if _is_table(annotation):
        yield f"[{name}]", annotation
        for inner, field in annotation.model_fields.items():
            yield from _tables_of(field.annotation, f"{name}.{inner}")
    elif (inside := get_args(annotation)) and _is_table(inside[-1]):
        title = f"{name}.{'GROUP' if name == 'servers' else 'NAME'}"
        yield f"[{title}]", inside[-1]
        for inner, field in inside[-1].model_fields.items():
            yield from _tables_of(field.annotation, f"{title}.{inner}")


def _is_table(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def test_each_key_of_the_configuration_is_documented_and_no_other() -> None:
    documented = {
        title: first_cells(body)
        for title, body in sections(CONFIGURATION).items()
        if title.startswith("[")
    }
    known = {
        title: {field.alias or name for name, field in model.model_fields.items()}
        for title, model in tables(Config)
    }
    keys_of_kinds = (model.model_fields for model in configs().values())
    known["[data.NAME]"].update(*keys_of_kinds)
    assert documented == known


def test_each_variable_that_an_operator_may_have_is_documented() -> None:
    somewhere = Path("somewhere")
    files = KeyFiles(*5 * [somewhere])
    given: Mapping[str, str] = operator_environment(Credentials(), files)
    named = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", CONFIGURATION.read_text()))
    assert set(given) <= named


def test_no_two_decisions_have_one_number_and_each_has_that_of_its_title() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [page.name[:3] for page in pages]
    assert numbers == sorted(set(numbers))
    for page in pages:
        text = page.read_text()
        assert text.startswith(f"# {page.name[:3]}: ")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
            "Context",
            "Decision",
            "Consequences",
        ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_to_a_file_of_the_repository_is_dead(page: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", page.read_text())
    inside = [target for target in targets if "://" not in target]
    for target in inside:
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), target
        assert linked.is_relative_to(ROOT), target
        assert not anchor or anchor in anchors(linked), target


def anchors(page: Path) -> set[str]:
    """The anchors that a reader's browser knows: headings in lower case, blanks as hyphens."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_each_row_of_the_first_run_names_its_source_what_refuses_it_and_tests_that_exist() -> None:
    text = FIRST_RUN.read_text()
    head, _, *rows = (line for line in text.splitlines() if line.startswith("|"))
    columns = "vendor | what it does | source | what liferaft does | what refuses it here | test"
    assert head == f"| {columns} |"
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert len(cells) == 6, row
        assert all(cells), row
        for file in re.findall(r"`([\w/-]+\.\w+)`", cells[-2]):
            assert any((folder / file).is_file() for folder in REFUSING), (file, row)
        tests = re.findall(r"`(tests/[^`]+)`", cells[-1])
        assert tests, row
        assert all((ROOT / test).is_file() for test in tests), row


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_says_a_line_twice(page: Path) -> None:
    """Merges that keep both sides do so. Options are described with each command that has them."""
    prose = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    lines = [line.strip() for line in prose.splitlines() if not line.startswith("| `--")]
    long = [line for line in lines if len(line) > 40]
    assert sorted(long) == sorted(set(long))


def test_the_picture_loads_nothing_from_elsewhere() -> None:
    text = (ROOT / "docs" / "rehearsal.svg").read_text()
    assert set(re.findall(r"https?://[^\"'\s)]+", text)) <= {
        "http://www.w3.org/2000/svg",
        "https://www.textualize.io",
    }
