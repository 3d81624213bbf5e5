"""Reads liferaft.toml: a whole configuration, or everything that is wrong with it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from liferaft.config import lines, syntax
from liferaft.config.models import Config
from liferaft.config.problems import ConfigInvalid, Finding, Problem, finding, key_of
from liferaft.config.references import disagreements
from liferaft.config.values import reason_of, shown
from liferaft.failures import BadInput


def load(path: Path) -> Config:
    """The configuration in a file. Paths in it are relative to the file's folder.

    Raises ConfigInvalid with every problem at once, BadInput if the file cannot be read.
    """
    document, readable, mistakes = syntax.read(_text(path))
    places = lines.line_numbers(readable)
    problems = [Problem(line, "", reason, "TOML 1.0") for line, reason in mistakes]
    context = {"folder": path.parent.resolve()}
    try:
        config = Config.model_validate(document, context=context)
        findings = list(disagreements(dict(config)))
    except ValidationError as error:
        found = _innermost(error)
        bad = {item.place[0] for item in found}
        findings = found + list(disagreements(_sections(document, bad, context)))
    if mistakes:
        # What is missing may stand on a line that could not be read.
        findings = [item for item in findings if item.reason != "missing"]
    problems += (
        Problem(
            lines.line_of(places, item.place),
            key_of(item.place),
            item.reason,
            item.valid,
        )
        for item in findings
    )
    if problems:
        raise ConfigInvalid(path, problems)
    return config


def _innermost(error: ValidationError) -> list[Finding]:
    """A list whose items are all wrong counts as empty besides; the items are what is wrong."""
    details = error.errors(include_url=False)
    places = [one["loc"] for one in details]
    return [
        finding(one, Config)
        for one in details
        if one["type"] != "too_short"
        or not any(
            len(other) > len(one["loc"]) and other[: len(one["loc"])] == one["loc"]
            for other in places
        )
    ]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise BadInput(
            f"There is no configuration at {path}",
            safe="Nothing was done.",
            do="Go to its folder, or say where it is: --config PATH.",
        ) from error
    except (OSError, ValueError) as error:  # no text, or a path that there cannot be
        raise BadInput(
            f"{shown(str(path))[1:-1]} cannot be read: {reason_of(error)}",
            safe="Nothing was done.",
            do="Say where the configuration is: --config PATH.",
        ) from error


def _sections(
    document: Mapping[str, Any], bad: set[str | int], context: dict[str, Any]
) -> dict[str, Any]:
    """The sections that are valid by themselves."""
    return dict(_valid_sections(document, bad, context))


def _valid_sections(
    document: Mapping[str, Any], bad: set[str | int], context: dict[str, Any]
) -> Iterator[tuple[str, Any]]:
    for name, field in Config.model_fields.items():
        if name in document and name not in bad:
            section: TypeAdapter[Any] = TypeAdapter(field.rebuild_annotation())
            yield name, section.validate_python(document[name], context=context)
