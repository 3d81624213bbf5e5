"""The password by which the application is let in, changed right before it is told the new one.

PostgreSQL knows one password of a role. Connections that stand are not asked again, so between the
change and the start of the application's containers only new ones are refused, for seconds.
"""

from typing import Final

from liferaft.data.postgres.layout import Database
from liferaft.data.postgres.scram import matches, verifier
from liferaft.data.postgres.session import ask, execute
from liferaft.remote.contract import Host

_KNOWN: Final = """
select to_json((select coalesce(rolpassword, '') from pg_authid where rolname = :'role'))
"""
_SET_VERIFIER: Final = "select format('alter role %I password %L', :'role', :'verifier') \\gexec"


async def is_let_in(host: Host, database: Database) -> bool:
    """Whether the application's role has the password that it is told."""
    return matches(database.password, await _verifier(host, database))


async def let_in(host: Host, database: Database) -> str:
    """The role has the password that the application is told. What `let_in_again` takes to undo
    it; empty where nothing was changed, or where the role had none."""
    before = await _verifier(host, database)
    if matches(database.password, before):
        return ""
    await let_in_again(host, database, verifier(database.password))
    return before


async def let_in_again(host: Host, database: Database, verified: str) -> None:
    """The role has the password of this verifier."""
    values = {"role": database.role, "verifier": verified}
    await execute(host, _SET_VERIFIER, doing="Setting the role's password", values=values)


async def _verifier(host: Host, database: Database) -> str:
    values = {"role": database.role}
    known = await ask(host, _KNOWN, doing="Looking for the role's password", values=values)
    return known or ""
