"""What a database's files depend on: a physical copy runs only where these are the same.

Another PostgreSQL major version or architecture does not start; another C library orders text in
another way, and every index over text is silently wrong. Hence measured, kept with each backup, and
compared before a restore begins.
https://www.postgresql.org/docs/17/upgrading.html,
https://wiki.postgresql.org/wiki/Locale_data_changes
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Self

from liferaft.data.failures import OtherPlatform
from liferaft.data.postgres.layout import Cluster
from liferaft.data.postgres.session import ask
from liferaft.remote.acts import HostActFailed
from liferaft.remote.contract import Host

_BYTEWISE: Final = ("libc C", "libc POSIX", "libc C.UTF-8", "libc C.utf8")
"""Orders that no version of the C library changes."""

_HOST: Final = """
. /etc/os-release
printf '%s\\n' "$ID $VERSION_ID" "$(uname -m)" "$(getconf GNU_LIBC_VERSION)"
{programs}/postgres --version
"""
_COLLATIONS: Final = """
select coalesce(json_agg(distinct case d.datlocprovider
    when 'i' then concat('icu ', l.locale, ' ', d.datcollversion)
    when 'b' then concat('builtin ', l.locale)
    else 'libc ' || d.datcollate end), '[]')
from pg_database d,
    lateral (select coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale')) l(locale)
where d.datallowconn
"""
"""The column of the locale was called `daticulocale` before PostgreSQL 17."""


@dataclass(frozen=True)
class Platform:
    """One server, as far as a database on it is concerned.

    Attributes:
        system: distribution and release, `debian 13`.
        architecture: as `uname -m` says it.
        libc: `glibc 2.41`.
        postgresql: the major version.
        collations: providers and names of all databases' orders, separated by commas; empty for a
            server that holds no database yet.
    """

    system: str
    architecture: str
    libc: str
    postgresql: str
    collations: str = ""

    def to_json(self) -> dict[str, str]:
        """Plain texts, as a manifest holds them."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        known = {one.name for one in fields(cls)}
        return cls(**{name: said for name, said in value.items() if name in known})

    @property
    def orders_by_libc(self) -> bool:
        """Whether some database sorts text as the C library of its server does."""
        return any(
            name.startswith("libc ") and name not in _BYTEWISE
            for name in self.collations.split(", ")
        )


async def measure(host: Host, cluster: Cluster) -> Platform:
    """The platform of a server without a running database."""
    said = await host.run(_HOST.format(programs=cluster.programs), deadline=30)
    try:
        system, architecture, libc, version = said.text.splitlines()
    except ValueError:
        raise HostActFailed(
            "The server did not say what it runs.",
            do="Look whether PostgreSQL is installed there.",
            details={"said": said.text},
        ) from None
    return Platform(system, architecture, libc, version.split()[2].partition(".")[0])


async def measure_with_databases(host: Host, cluster: Cluster) -> Platform:
    """The same, with the orders that the running cluster's databases use."""
    bare = await measure(host, cluster)
    names = await ask(host, _COLLATIONS, doing="Asking PostgreSQL for its collations")
    return Platform(**{**bare.to_json(), "collations": ", ".join(sorted(names))})


def differences(kept: Platform, found: Platform) -> tuple[str, ...]:
    """What keeps the files of `kept` from running on `found`; one sentence each. Pure.

    Text that is ordered byte by byte, or by ICU with its version recorded, does not depend on the
    C library.
    """
    rows = [
        ("PostgreSQL", kept.postgresql, found.postgresql),
        ("architecture", kept.architecture, found.architecture),
        ("system", kept.system, found.system),
    ]
    if kept.orders_by_libc:
        rows.append(("C library, which orders text,", kept.libc, found.libc))
    return tuple(
        f"{what} was {before}, here it is {now}" for what, before, now in rows if before != now
    )


def require_same(kept: Mapping[str, Any], found: Platform) -> None:
    """Raise OtherPlatform if a restore of `kept` must not begin here."""
    wrong = differences(Platform.from_json(kept), found)
    if wrong:
        raise OtherPlatform(
            f"The database cannot be restored to this server: {'; '.join(wrong)}.",
            safe="Nothing was restored, and the vault is untouched.",
            do="Bring up servers of the system that it is from, which `system` in [app] names, "
            "or install machines of your own with it. To another release a database "
            "goes by a dump of its own: docs/releases.md.",
        )
