"""What a deploy changes in the workload, and whether users notice: told from the vault.

The vault says what was started last (`recovery.release`), with marks in place of values.
"""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

from liferaft.hosts.marks import Services, marked
from liferaft.plan.plan import Plan
from liferaft.recovery import release
from liferaft.site import own_secrets
from liferaft.site.image_sources import archives_of
from liferaft.site.workload import wanted
from liferaft.site.world import World
from liferaft.vault import Damaged


def changes(old: Services, new: Services) -> Iterator[str]:
    """A sentence for each service that will not run on as it does. Pure."""
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            yield f"{name} is new, from {new[name]['image']}"
        elif name not in new:
            yield f"{name} is not started any more"
        elif found := list(_differences(old[name], new[name])):
            yield f"{name}: {', '.join(found)}"


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if old["image"] != new["image"]:
        yield f"image {old['image']} → {new['image']}"
    before, after = old["environment"], new["environment"]
    yield from (f"environment +{name}" for name in after if name not in before)
    yield from (f"environment -{name}" for name in before if name not in after)
    yield from (f"environment {n} changes" for n in after if _differs(before.get(n), after[n]))
    others = new["others"]
    yield from (f"{n} changes" for n in others if _differs(old["others"].get(n), others[n]))


def _differs(old: str | None, new: str) -> bool:
    """Two marks of one name; without marks nothing is known."""
    return bool(old and new) and old != new


async def workload_changes(world: World, plan: Plan, *, values: bool) -> tuple[str, ...]:
    """What a deploy of this plan changes for users; empty for every other plan.

    values: whether the operator's keys may be used, to tell changed values as well as names.
    """
    if plan.move != "deploy" or not plan.inputs.reigns:
        return ()
    try:
        noted = await asyncio.to_thread(release.newest, world.site.vault, plan.epoch)
    except Damaged as damage:
        return (f"{damage}. It is written anew; what changes in the workload is not known.",)
    if noted is None or noted.services is None:
        return ("What runs now is not noted in the vault: the application is taken for new.",)
    secret = (await world.site.secrets()).app_secret_key.get_secret_value() if values else None
    compose = await asyncio.to_thread(wanted, world.site.config)
    new = marked(await own_secrets.as_told(world.site, compose) if values else compose, secret)
    rows = list(changes(noted.services, new))
    paths = await asyncio.to_thread(archives_of, world.site.config)
    if {(await world.run.archive(path))[0] for path in paths} != noted.digests:
        rows.append("images have other content")
    unseen = "" if values else "Values are not compared here; `liferaft preview` does."
    return tuple(part for part in (*_sentences(rows), unseen) if part)


def _sentences(rows: list[str]) -> Iterator[str]:
    if not rows:
        yield "The workload stays as it is: users notice nothing of it."
        return
    yield from (f"{row[0].upper()}{row[1:]}." for row in rows)
    yield "Users notice: what changed starts anew, and until it is well they see the holding page."
