"""`liferaft doctor`: what would stand in the way of a failover today, asked of every vendor."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from liferaft_cli import exits, opening, options

if TYPE_CHECKING:
    from liferaft.doctor.check import Examined
    from liferaft.doctor.patient import Patient


@click.command()
@options.argument("site", required=False)
@options.config
@options.as_json
def doctor(*, site: str | None, config_path: Path, as_json: bool) -> None:
    """Ask every vendor what would stand in the way of a failover to SITE today.

    Without SITE: to any site that does not reign. All questions are asked at once, each for some
    seconds; one that fails hides no other, and what could not be asked is told as that. Nothing is
    created and nothing is written, in no vault either. The worst comes first; a table at the end
    says what an outage of each vendor would break.

    The exit code is 0 where nothing above a note was found, 10 for warnings and for whoever gave no
    answer, 11 for what is critical.

    JSON: `app`, `at`, `site`, `home`, `standbys`, `severity` (of the worst), `summary`, `checks`:
    `name`, `about`, `asks`, `severity` (ok, note, unknown, warning, critical), `finding`, `why`,
    `mend`, `is_answered`, `facts`.

    Example: liferaft doctor hetzner
    """
    from liferaft.doctor.telling import to_json

    patient, found = ask(opening.open_configuration(config_path), site)
    if as_json:
        click.echo(json.dumps(to_json(patient, found), indent=2))
    else:
        tell(patient, found)
    if code := code_of(found):
        raise click.exceptions.Exit(code)


def ask(opened: opening.Opened, site: str | None) -> "tuple[Patient, tuple[Examined, ...]]":
    """Everybody is asked, and what they answered. Raises BadInput for a site that is not named."""
    from liferaft.doctor.asking import examine
    from liferaft.doctor.examination import checks_for
    from liferaft.doctor.patient import Patient

    patient = Patient.of(opened.config, opened.vault, os.environ, site=site)
    checks = checks_for(patient)
    click.echo(f"asking {len(checks)} questions …", err=True)
    return patient, examine(checks)


def tell(patient: "Patient", found: "tuple[Examined, ...]") -> None:
    """For a person, on stdout."""
    from liferaft.doctor.telling import page

    for line in page(patient, found):
        click.echo(line)


def code_of(found: "tuple[Examined, ...]") -> int:
    """What a command ends with that was asked for this."""
    from liferaft.doctor.check import CheckSeverity
    from liferaft.doctor.telling import severity_of

    codes = {CheckSeverity.WARNING: exits.WARNED, CheckSeverity.CRITICAL: exits.CRITICAL}
    return codes.get(severity_of(found), 0)
