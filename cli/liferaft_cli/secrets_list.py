"""`liferaft secrets list`: what there is, never a value."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from liferaft_cli import opening, options

if TYPE_CHECKING:
    from liferaft.secrets import ToldSecrets


@click.command("list")
@options.config
@options.as_json
def list_secrets(*, config_path: Path, as_json: bool) -> None:
    """List secrets: when each was set, by whom, and which services are told it. No value.

    Needs no identity: what is listed lies beside the secrets in clear.

    JSON: `number` (of the newest change; 0 before the first), `secrets` (a list of `name`, `at`,
    `by`, `generated`, `declared`, `services`), `operators` (a list of `recipient`, `proved_at`,
    `proved_by`). What is not known is null.

    Example: liferaft secrets list
    """
    from liferaft.compose import secret_values
    from liferaft.secrets import SecretsChain, ToldSecrets
    from liferaft.site.workload import wanted

    found = opening.open_configuration(config_path)
    told = SecretsChain(found.vault).told() or ToldSecrets(0)
    used = secret_values.used(wanted(found.config))
    rows = [
        {
            "name": name,
            **_said(told, name),
            "declared": name in found.config.secrets,
            "services": list(used.get(name, ())),
        }
        for name in dict.fromkeys((*found.config.secrets, *told.own))
    ]
    if as_json:
        shape = {"number": told.number, "secrets": rows, "operators": [*_operators(told)]}
        click.echo(json.dumps(shape, indent=2))
        return
    for row in rows:
        click.echo(_line(row))
    if not rows:
        click.echo("liferaft.toml declares no secret: write a table [secrets.NAME] for each.")
    for one in _operators(told):
        said = f"proved by {one['proved_by']}" if one["proved_at"] else "NEVER PROVED to open them"
        click.echo(f"operator {one['recipient']}: {said}")


def _said(told: "ToldSecrets", name: str) -> dict[str, Any]:
    one = told.own.get(name)
    if one is None:
        return {"at": None, "by": None, "generated": None}
    return {"at": one.at, "by": one.by, "generated": one.is_generated}


def _operators(told: "ToldSecrets") -> Iterator[dict[str, Any]]:
    for recipient, canary in told.operators.items():
        proof = canary.proof if canary.is_proved else None
        yield {
            "recipient": recipient,
            "proved_at": proof.at if proof else None,
            "proved_by": proof.by if proof else None,
        }


def _line(row: dict[str, Any]) -> str:
    how = "generated" if row["generated"] else "set"
    said = f"{how} {row['at']} by {row['by']}" if row["at"] else "has NO VALUE yet"
    who = f"told to {', '.join(row['services'])}" if row["services"] else "told to no service"
    left = "" if row["declared"] else "; liferaft.toml does not declare it"
    return f"{row['name']}: {said}; {who}{left}"
