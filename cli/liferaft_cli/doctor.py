"""`liferaft doctor`: what would stand in the way of a failover today, asked of every vendor."""

import json
import os
from pathlib import Path

import click

from liferaft_cli import exits, opening, options


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
    from liferaft.doctor import telling
    from liferaft.doctor.asking import examine
    from liferaft.doctor.check import CheckSeverity
    from liferaft.doctor.examination import checks_for
    from liferaft.doctor.patient import Patient

    opened = opening.open_configuration(config_path)
    patient = Patient.of(opened.config, opened.vault, os.environ, site=site)
    checks = checks_for(patient)
    click.echo(f"asking {len(checks)} questions …", err=True)
    found = examine(checks)
    if as_json:
        click.echo(json.dumps(telling.to_json(patient, found), indent=2))
    else:
        for line in telling.page(patient, found):
            click.echo(line)
    codes = {CheckSeverity.WARNING: exits.WARNED, CheckSeverity.CRITICAL: exits.CRITICAL}
    if code := codes.get(telling.severity_of(found)):
        raise click.exceptions.Exit(code)
