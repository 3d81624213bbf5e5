"""Alarms of drills: who did not see what came of one is told, and nothing depends on it.

Whatever fails here is said on the screen; the drill is what it is, and so is its exit code.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, ParamSpec

import click

from liferaft.failures import Failure
from liferaft_cli import opening

if TYPE_CHECKING:
    from pathlib import Path

    from liferaft.config.alarm_addresses import AlarmAddresses
    from liferaft.moves.drill_verdict import DrillVerdict

P = ParamSpec("P")
_USUAL: Final = timedelta(days=365)
"""For so long at least a drill is compared with those before it, however many tried data alone."""
_TOLD: Final = "liferaft.alarmed"
"""In the command's context: that its verdict was told."""


def alarmed(command: Callable[P, None]) -> Callable[P, None]:
    """A command that plays a drill: where it ends without a verdict, that is told."""

    @wraps(command)
    def run(*args: P.args, **given: P.kwargs) -> None:
        try:
            command(*args, **given)
        except BaseException as error:
            was_played = not given["clean"] and not given.get("only_plan")
            if was_played and not click.get_current_context().meta.get(_TOLD):
                with _kept_apart():
                    _tell_of_error(error, given)
            raise

    return run


def tell(
    verdict: "DrillVerdict", config_path: "Path", say: "Callable[[DrillVerdict], None]"
) -> None:
    """Say what came of a drill on the screen, which may end the command; then tell those who are
    not there."""
    try:
        say(verdict)
    finally:
        click.get_current_context().meta[_TOLD] = True
        with _kept_apart():
            _tell_of_verdict(verdict, config_path)


@contextmanager
def _kept_apart() -> Iterator[None]:
    """What fails is said, a second Ctrl-C too, and changes nothing."""
    from liferaft_cli import bugs

    try:
        yield
    except KeyboardInterrupt:
        _complain("Interrupted: nobody else is told of this drill.")
    except Failure as failure:
        _complain(f"NOBODY IS TOLD of this drill: {failure}")
    except Exception as error:  # noqa: BLE001 - a defect of alarms does not undo the drill
        _complain(f"NOBODY IS TOLD of this drill: {bugs.report(error).facts.happened}")


def _tell_of_error(error: BaseException, given: "dict[str, Any]") -> None:
    """Who presses Ctrl-C where he was asked is there, and needs no alarm."""
    from liferaft.evidence import drill_alarms

    if isinstance(error, Failure):
        sentences = list(drill_alarms.of_failure(error))
    elif isinstance(error, click.exceptions.Exit | click.UsageError):
        return
    elif isinstance(error, Exception) and not isinstance(error, click.Abort):
        sentences = [f"liferaft itself has a defect: {type(error).__name__}."]
    elif given["yes"]:
        sentences = ["It was interrupted before there was a verdict."]
    else:
        return
    _send(given["config_path"], given["site"], [*sentences, *_missed(given["config_path"])])


def _missed(config_path: "Path") -> list[str]:
    """Where the vaults do not tell, the reason is told already."""
    try:
        return _missed_among(opening.open_vaults(config_path), "")
    except Failure:
        return []


def _tell_of_verdict(verdict: "DrillVerdict", config_path: "Path") -> None:
    """And ping the dead man's switch, where all is well."""
    from liferaft.evidence import drill_alarms

    sentences, is_well = list(drill_alarms.of_verdict(verdict)), False
    is_good = verdict.is_good and verdict.left is None and not verdict.data_only
    try:
        found = opening.open_vaults(config_path)
        sentences += [*_slow(found, verdict), *_missed_among(found, verdict.run)]
        is_well = is_good and not _missed_among(found, "")
    except Failure as failure:
        _complain(f"Whether it was slow, or drills were missed, is NOT KNOWN: {failure}")
    _send(config_path, verdict.site, sentences, verdict.run)
    if is_well:
        _quieten(config_path)


def _slow(found: opening.Opened, verdict: "DrillVerdict") -> "Iterator[str]":
    from liferaft.evidence import drill_alarms
    from liferaft.evidence.drills_played import drills_played

    if not verdict.data_only:
        yield from drill_alarms.of_slow(verdict, drills_played(found.vault, within=_USUAL))


def _missed_among(found: opening.Opened, but: str) -> list[str]:
    """All that are missed, had there been no drill of the name `but`."""
    from datetime import UTC, datetime

    from liferaft.evidence import drill_alarms
    from liferaft.evidence.drills_due import drills_due

    due = drills_due(found.config, found.vault, but=but)
    return list(drill_alarms.of_missed(due, datetime.now(UTC)))


def _send(config_path: "Path", site: str | None, sentences: list[str], run: str = "") -> None:
    """To all that are named; who was not reached is named."""
    from liferaft.evidence import drill_alarms
    from liferaft.notify.alarms import send

    app, addresses = _addresses(config_path)
    for variable, flaw in addresses.flaws.items():
        _complain(f"NOBODY IS TOLD of drills by {variable}: {flaw}")
    if not sentences or not addresses.urls:
        return
    click.echo(f"telling {', '.join(addresses.urls)} …", err=True)
    untold = send(
        addresses.urls, drill_alarms.title(app, site), drill_alarms.message(sentences, run)
    )
    for one in untold:
        _complain(f"NOBODY WAS TOLD by {one.variable}: {one.why}")


def _quieten(config_path: "Path") -> None:
    from liferaft.notify.ping import ping

    _, addresses = _addresses(config_path)
    if addresses.ping is not None:
        variable, address = addresses.ping
        if why := ping(address):
            _complain(f"THE DEAD MAN'S SWITCH of {variable} was not told: {why}")


def _addresses(config_path: "Path") -> "tuple[str, AlarmAddresses]":
    """Read anew, since a drill may end before its configuration was whole to it."""
    from liferaft.config import load
    from liferaft.config.alarm_addresses import alarm_addresses
    from liferaft.data.registry import configs

    config = load(config_path, configs())
    return config.app.name, alarm_addresses(config, os.environ)


def _complain(said: str) -> None:
    click.secho(said, fg="yellow", err=True)
