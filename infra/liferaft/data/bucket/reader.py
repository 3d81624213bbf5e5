"""Who reads the rows that name objects: a user of the database's server, and a role of its own."""

from typing import Final

from liferaft.data.bucket.program import READER
from liferaft.remote.acts import act, as_user
from liferaft.remote.contract import Host

_USER: Final = (
    f"id -u {READER} >/dev/null 2>&1 || useradd --system --no-create-home"
    f" --shell /usr/sbin/nologin {READER}"
)
_ROLE: Final = f"""
do $$ begin create role "{READER}"; exception when duplicate_object then null; end $$;
alter role "{READER}" with login bypassrls nosuperuser nocreatedb nocreaterole noreplication;
alter role "{READER}" set default_transaction_read_only = on;
grant pg_read_all_data to "{READER}";
"""


async def admit_reader(host: Host) -> None:
    """The user is there, and may read every row of the database through the server's own socket:
    rows that others' policies hide, too, since a row that is not seen is an object that is not
    kept. It can change nothing. The database has to take writes. Idempotent."""
    await act(host, ["bash", "-c", _USER], doing=f"Adding the user {READER}")
    psql = as_user("postgres", "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", "postgres")
    await act(host, psql, stdin=_ROLE.encode(), doing=f"Letting {READER} read rows")
