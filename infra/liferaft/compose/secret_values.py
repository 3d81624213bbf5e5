"""Secrets of the application's own in its Compose file: who is told which, and their values."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from liferaft.compose.application import Compose
from liferaft.compose.secret_marks import filled, names_in
from liferaft.compose.service import Service
from liferaft.compose.shipping import ShippedFile


def used(compose: Compose) -> Mapping[str, tuple[str, ...]]:
    """By secret, in the order of the file: the services that are told it, and those whose place a
    data set takes, which holds it."""
    found: dict[str, dict[str, None]] = {}
    for service, each in compose.services.items():
        for name in (*_told(each), *_mounted(each, compose.files)):
            found.setdefault(name, {})[service] = None
    for service, taken in compose.replaced.items():
        for name in (*_told(taken.service), *_mounted(taken.service, taken.files)):
            found.setdefault(name, {})[service] = None
    return {name: tuple(services) for name, services in found.items()}


def in_variables(compose: Compose) -> frozenset[str]:
    """Secrets that are told in variables, which have one line."""
    return frozenset(name for each in compose.services.values() for name in _told(each))


def with_values(compose: Compose, values: Mapping[str, str]) -> Compose:
    """What servers are told. Raises KeyError for a secret without a value."""
    services = {
        name: replace(
            each,
            environment=tuple((key, filled(value, values)) for key, value in each.environment),
        )
        for name, each in compose.services.items()
    }
    files = {name: _with_value(file, values) for name, file in compose.files.items()}
    return replace(compose, services=services, files=files)


def _told(service: Service) -> Iterator[str]:
    for _, value in service.environment:
        yield from names_in(value)


def _mounted(service: Service, files: Mapping[str, ShippedFile]) -> Iterator[str]:
    for mount in service.volumes:
        if mount.source in files:
            yield from _in_file(files[mount.source])


def _in_file(file: ShippedFile) -> tuple[str, ...]:
    return names_in(file.content.decode()) if file.tells_secrets else ()


def _with_value(file: ShippedFile, values: Mapping[str, str]) -> ShippedFile:
    if not file.tells_secrets:
        return file
    return replace(file, content=filled(file.content.decode(), values).encode())
