"""What a site's bucket is called: APP-SITE-DATA, and a suffix that nobody can guess.

Buckets' names are the whole world's at most clouds, so a name that can be guessed can be taken. The
vault has the name from the moment at which the site is first to have a bucket, created only: two
who begin at once get the same one, and after a kill it is the same again.
"""

import asyncio
import json
import logging
import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any, Final

from liferaft.config import Config
from liferaft.site.site import Site
from liferaft.vault import Damaged, KeyMissing, layout

_log = logging.getLogger(__name__)

BUCKET: Final = "liferaft:index:Bucket"
LONGEST: Final = 63
_SUFFIX_BYTES: Final = 4
_SUFFIX: Final = re.compile(f"[0-9a-f]{{{2 * _SUFFIX_BYTES}}}")


async def reserved_bucket(site: Site) -> str | None:
    """The name, which is the vault's on return; None where the app has no bucket.

    A site that has its bucket already keeps the bucket's name, whatever the vault says: with
    another one the bucket would be replaced, and all that is in it be gone. Raises Damaged.
    """
    data = next(iter(site.config.in_buckets), None)
    if data is None:
        return None
    known, names = await asyncio.gather(_said(site, data), _in_state(site, data))
    if not names:
        if isinstance(known, Damaged):
            raise known
        return known or await _reserved(site, data)
    name = known if known in names else names[0]
    if name != known:
        if known is not None:
            _log.warning(
                "%s. The site's state says: %s, and that is kept.",
                *(known if isinstance(known, Damaged) else f"The vault says {known}", name),
            )
        await asyncio.to_thread(site.vault.put, layout.bucket_name(site.name, data), _body(name))
    return name


async def damage_of_name(site: Site) -> Damaged | None:
    """The damage of what the vault has of it, with the way out where no state has it."""
    for data in site.config.in_buckets:
        if isinstance(said := await _said(site, data), Damaged):
            return said
    return None


async def has_bucket(site: Site) -> bool:
    """Whether the site's state says what its bucket is called."""
    data = next(iter(site.config.in_buckets), None)
    return data is not None and bool(await _in_state(site, data))


async def foreseen_bucket(site: Site) -> str | None:
    """As `reserved_bucket`, and nothing is written: one that is not reserved yet is made up."""
    data = next(iter(site.config.in_buckets), None)
    if data is None:
        return None
    said, names = await asyncio.gather(_said(site, data), _in_state(site, data))
    known = None if isinstance(said, Damaged) else said
    if names:
        return known if known in names else names[0]
    return known or _new(site.config, site.name, data)


async def _said(site: Site, data: str) -> str | Damaged | None:
    """What the vault has, or its damage."""
    try:
        return await _known(site, data)
    except Damaged as damage:
        return damage.mended_by("Delete this object: then another name is taken.")


async def _known(site: Site, data: str) -> str | None:
    try:
        body = await asyncio.to_thread(site.vault.get, layout.bucket_name(site.name, data))
    except KeyMissing:
        return None
    return str(json.loads(body)["name"])


async def _reserved(site: Site, data: str) -> str:
    name, key = _new(site.config, site.name, data), layout.bucket_name(site.name, data)
    if await asyncio.to_thread(site.vault.create, key, _body(name)):
        return name
    body = await asyncio.to_thread(site.vault.get, key)
    return str(json.loads(body)["name"])


async def _in_state(site: Site, data: str) -> list[str]:
    """Names of the bucket that the site has, or that a killed run may have made: from before
    names were reserved, or from a reservation that was lost."""
    base = _base(site.config, site.name, data)
    return [name for name in _names(await site.deployment()) if _is_of(base, name)]


def _names(deployment: Mapping[str, Any]) -> Iterator[str]:
    """But for those that were replaced and are only to be deleted."""
    state = deployment.get("deployment", {})
    pending = [operation["resource"] for operation in state.get("pending_operations") or ()]
    for row in (*state.get("resources", ()), *pending):
        if row["type"] == BUCKET and not row.get("delete"):
            name = row.get("inputs", {}).get("name")
            if isinstance(name, str):
                yield name


def _base(config: Config, site: str, data: str) -> str:
    return f"{config.app.name}-{site}-{data}"


def _is_of(base: str, name: str) -> bool:
    """With a suffix as it is drawn: a program of the operator's may have buckets beside ours."""
    start, _, suffix = name.rpartition("-")
    return name == base or (start == _shortened(base) and _SUFFIX.fullmatch(suffix) is not None)


def _shortened(base: str) -> str:
    """So much of it that the suffix has room behind it."""
    return base[: LONGEST - 1 - 2 * _SUFFIX_BYTES].rstrip("-.")


def _new(config: Config, site: str, data: str) -> str:
    return f"{_shortened(_base(config, site, data))}-{secrets.token_hex(_SUFFIX_BYTES)}"


def _body(name: str) -> bytes:
    return json.dumps({"name": name, "nonce": secrets.token_hex(16)}).encode()
