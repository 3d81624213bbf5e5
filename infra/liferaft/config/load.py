"""Reads liferaft.toml: a whole configuration, or everything that is wrong with it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from liferaft import texts
from liferaft.config import lines, syntax
from liferaft.config.data import Kinds, model_of, words_of
from liferaft.config.models import Config
from liferaft.config.problems import ConfigInvalid, Finding, Problem, finding, key_of
from liferaft.config.references import disagreements
from liferaft.config.values import shown
from liferaft.failures import BadInput


def load(path: Path, kinds: Kinds) -> Config:
    """The configuration in a file, with the kinds of data that there are. Paths in it are relative
    to the file's folder.

    Raises ConfigInvalid with every problem at once, BadInput if the file cannot be read.
    """
    document, readable, mistakes = syntax.read(_text(path))
    places = lines.line_numbers(readable)
    problems = [Problem(line, "", reason, "TOML 1.0") for line, reason in mistakes]
    context = {"folder": path.parent.resolve(), "kinds": kinds, "file": path.resolve()}
    try:
        config = Config.model_validate(document, context=context)
        findings = list(disagreements(dict(config), kinds))
    except ValidationError as error:
        found = _innermost(error, document, kinds)
        bad = {item.place[0] for item in found}
        findings = found + list(disagreements(_sections(document, bad, context), kinds))
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


def _innermost(error: ValidationError, document: Mapping[str, Any], kinds: Kinds) -> list[Finding]:
    """A list whose items are all wrong counts as empty besides; the items are what is wrong."""
    details = error.errors(include_url=False)
    around = {one["loc"][:end] for one in details for end in range(len(one["loc"]))}
    return [
        _finding(one, document, kinds)
        for one in details
        if one["type"] != "too_short" or one["loc"] not in around
    ]


def _finding(error: ErrorDetails, document: Mapping[str, Any], kinds: Kinds) -> Finding:
    """Keys of a data set are those of its kind's model."""
    place, words = error["loc"], words_of(kinds)
    if place[:1] == ("data",) and len(place) > 2:  # noqa: PLR2004  # the section and a name
        return finding(error, model_of(document["data"][place[1]], kinds), words, inside=2)
    return finding(error, Config, words)


def _text(path: Path) -> str:
    try:
        return texts.read_text(path)
    except texts.Unreadable as error:
        if isinstance(error.__cause__, FileNotFoundError):
            raise BadInput(
                f"There is no configuration at {path}",
                safe="Nothing was done.",
                do="Go to its folder, or say where it is: --config PATH.",
            ) from error
        raise BadInput(
            f"{shown(str(path))[1:-1]} cannot be read: {error}",
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
