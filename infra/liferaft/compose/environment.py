"""What a service is told: `env_file`s, and `environment` over them."""

from collections.abc import Mapping
from pathlib import Path

from liferaft import texts
from liferaft.compose import values, variables
from liferaft.compose.loading import Loaded
from liferaft.compose.node import YamlNode
from liferaft.compose.placeholders import WrittenPlaceholder, names_in
from liferaft.compose.telling import Telling
from liferaft.compose.values import APP_ENV, NotAccepted

Told = tuple[tuple[str, str], ...]


def read(
    service: str,
    entries: Mapping[str, YamlNode],
    loaded: Loaded,
    telling: Telling,
    sources: list[Path],
) -> tuple[Told, tuple[WrittenPlaceholder, ...]]:
    """Variables with their values, as the service gets them, and the placeholders among those.
    Adds the files that were read to `sources`. Blocks."""
    found: dict[str, tuple[str | None, YamlNode]] = {}
    at = entries.get("env_file")
    for item in (at.items or (at,)) if at else ():
        with telling.at(item, "env_file"):
            found |= _file(item, loaded, sources)
    own = entries.get("environment")
    if own:
        with telling.at(own, "environment"):
            pairs = values.pairs(own.plain())
            found |= {name: (value, own.entries.get(name, own)) for name, value in pairs.items()}
    told: list[tuple[str, str]] = []
    placeholders: list[WrittenPlaceholder] = []
    for name, (value, node) in found.items():
        if value is None and name not in loaded.variables:
            reason = f"{name} has no value, and .env beside the Compose file has none for it"
            telling.find(node, "environment", reason, f"{name}=… in .env, or no {name} here")
            continue
        filled = loaded.variables[name] if value is None else value
        with telling.at(node, "environment"):
            values.variable(name, filled)
            told.append((name, filled))
        placeholders += (WrittenPlaceholder(service, name, one, node) for one in names_in(filled))
    return tuple(told), tuple(placeholders)


def _file(
    node: YamlNode, loaded: Loaded, sources: list[Path]
) -> dict[str, tuple[str | None, YamlNode]]:
    about = node.plain()
    asked = about if isinstance(about, Mapping) else {"path": about}
    written = values.text(asked["path"])
    if written.removeprefix("./") == APP_ENV:
        return {}  # liferaft's own, which other tools are told of
    path = loaded.bases[node.file] / written
    try:
        content = texts.read_text(path)
        if asked.get("format") == "raw":
            told = variables.read_raw(content)
        else:
            told = variables.read(content, loaded.variables)
    except texts.Unreadable as error:
        if not values.is_true(asked.get("required", True)):
            return {}
        reason = f"{written} cannot be read: {error}"
        raise NotAccepted(reason, "a file of variables beside the Compose file") from error
    except variables.NoVariables as error:
        raise NotAccepted(f"line {error.line} of {written}: {error}", error.valid) from error
    sources.append(path)
    return {one.name: (one.value, YamlNode(one.value, path, one.line)) for one in told}
