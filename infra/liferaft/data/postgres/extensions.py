"""Extensions of Debian packages: which a server has, what a copy of the database needs of them, and
those that the application's database is given.

A copy without the library of an extension starts, and fails at the first row that needs it. Hence
packages are kept with each backup, and compared before a restore begins.
"""

import json
import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from liferaft.data.failures import OtherPlatform
from liferaft.data.postgres.layout import Database
from liferaft.data.postgres.session import ask, execute
from liferaft.remote.acts import QUICK
from liferaft.remote.contract import Host

PACKAGES: Final = "packages"
"""In the platform of a part: those of extensions, each with its version."""
_SHOWN: Final = "--showformat=${Package} ${Version} ${db:Status-Status}\\n"
_WANTED: Final = """
select coalesce(json_agg(name), '[]') from json_array_elements_text(:'wanted') name
where not exists (select from pg_extension where extname = name)
"""
_CREATE: Final = "select format('create extension %I cascade', :'name') \\gexec"


async def versions(host: Host, names: Collection[str]) -> Mapping[str, str]:
    """Those of these packages that a server has. Asks the server alone."""
    if not names:
        return {}
    asked = ["dpkg-query", "--show", _SHOWN, *sorted(names)]
    listed = await host.run(asked, deadline=QUICK, check=False)
    found = (line.split() for line in listed.text.splitlines())
    return {name: version for name, version, status in found if status == "installed"}


async def require_packages(host: Host, platform: Mapping[str, Any]) -> None:
    """Raise OtherPlatform where a server lacks a package that a database's files need."""
    kept: Mapping[str, str] = platform.get(PACKAGES, {})
    wrong = differences(kept, await versions(host, kept))
    if wrong:
        raise OtherPlatform(
            f"The database cannot be restored to this server: {'; '.join(wrong)}.",
            safe="Nothing was restored, and the vault is untouched.",
            do="Name them as `packages` of the data set in liferaft.toml, or install them on "
            "machines of your own.",
        )


def differences(kept: Mapping[str, str], found: Mapping[str, str]) -> tuple[str, ...]:
    """What a server lacks of packages that were kept; one sentence each. Pure. A later version
    reads what an earlier one wrote."""
    missing = [f"{name} {kept[name]} is not installed" for name in kept if name not in found]
    older = [
        f"{name} was {version}, here it is {found[name]}"
        for name, version in kept.items()
        if name in found and _upstream(found[name]) < _upstream(version)
    ]
    return (*missing, *older)


def _upstream(version: str) -> tuple[int, ...]:
    """Its numbers, without Debian's own."""
    bare = version.rpartition(":")[2].partition("-")[0].partition("+")[0]
    return tuple(int(digits) for digits in re.findall(r"\d+", bare))


async def create_extensions(host: Host, database: Database) -> bool:
    """The application's database has those that are asked for. Whether one was missing."""
    if not database.extensions:
        return False
    wanted = {"wanted": json.dumps(database.extensions)}
    doing, named = "Looking for extensions", database.name
    absent = await ask(host, _WANTED, doing=doing, database=named, values=wanted)
    for name in absent:
        doing = f"Creating extension {name}"
        await execute(host, _CREATE, doing=doing, database=named, values={"name": name})
    return bool(absent)
