"""The application's role and database in the cluster: made at a deploy, with the password that the
application is told then. Another password is set where it is told that one (`entrance`)."""

from collections.abc import Mapping
from typing import Any, Final

from liferaft.data.postgres.entrance import let_in, let_in_again
from liferaft.data.postgres.layout import Database
from liferaft.data.postgres.locale import clause, is_same
from liferaft.data.postgres.scram import verifier
from liferaft.data.postgres.session import ask, execute
from liferaft.failures import Refused
from liferaft.remote.contract import Host

_KNOWN: Final = """
select json_build_object(
    'verifier', (select coalesce(rolpassword, '') from pg_authid where rolname = :'role'),
    'database', (
        select json_build_object('provider', datlocprovider, 'libc', datcollate,
            'icu', coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale'))
        from pg_database d where datname = :'name'),
    'others', (
        select coalesce(json_agg(datname order by datname), '[]') from pg_database
        where datname not in ('postgres', 'template0', 'template1', :'name')))
"""
_CREATE_ROLE: Final = "select format('create role %I login', :'role') \\gexec"
_CREATE_DATABASE: Final = """
select format('create database %I owner %I encoding ''UTF8'' {clause} template template0',
              :'name', :'role', :'locale') \\gexec
"""


async def make_databases(host: Host, database: Database) -> bool:
    """The role and the database are there, and the role has a password. Whether anything had to be
    changed. Raises Refused for a cluster that holds another application's database, or this one
    with another order of texts."""
    known = await _known(host, database)
    _require_held(database, known)
    changed = await _make_role(host, database, known["verifier"])
    if known["database"] is None:
        text, locale = clause(database.locale)
        await execute(
            host,
            _CREATE_DATABASE.format(clause=text),
            doing="Creating the app's database",
            values={"name": database.name, "role": database.role, "locale": locale},
        )
        changed = True
    return changed


async def set_password(host: Host, database: Database) -> None:
    """The role of a database that came back has the password that the application is told now."""
    await _make_role(host, database, (await _known(host, database))["verifier"])
    await let_in(host, database)


async def require_held(host: Host, database: Database) -> None:
    """Raise Refused where a running cluster holds other databases than the one that the application
    will ask for, or that one with another order of texts."""
    _require_held(database, await _known(host, database))


def _require_held(database: Database, known: Mapping[str, Any]) -> None:
    there = known["database"]
    if there is None and known["others"]:
        raise _another(database, known["others"])
    if there is not None and database.locale and not is_same(database.locale, there):
        raise _ordered_otherwise(database, there)


async def _known(host: Host, database: Database) -> Mapping[str, Any]:
    names = {"name": database.name, "role": database.role}
    found: Mapping[str, Any] = await ask(
        host, _KNOWN, doing="Looking for the app's database", values=names
    )
    return found


async def _make_role(host: Host, database: Database, kept: str | None) -> bool:
    """One that has a password keeps it: what runs was told that one."""
    if kept is None:
        names = {"role": database.role}
        await execute(host, _CREATE_ROLE, doing="Creating the app's role", values=names)
    if kept:
        return False
    await let_in_again(host, database, verifier(database.password))
    return True


def _another(database: Database, others: list[str]) -> Refused:
    return Refused(
        f"The application would find no database {database.name}: the cluster holds "
        f"{', '.join(others)}",
        safe="No database was made or changed.",
        do="Name the database that it has, in the Compose file or by `service` in liferaft.toml. "
        f'Or rename it on its server: `alter database "{others[0]}" rename to '
        f'"{database.name}"`, and its owner by `reassign owned`.',
    )


def _ordered_otherwise(database: Database, found: Mapping[str, Any]) -> Refused:
    now = f"icu:{found['icu']}" if found["provider"] == "i" else found["libc"]
    return Refused(
        f"Database {database.name} orders text as {now}, and {database.locale} is asked for",
        safe="No database was made or changed.",
        do="A database keeps the locale that it was made with: say that one, or load a dump of it "
        "into a new one.",
    )
