"""What other sections of the configuration say about data, by what its kinds say of themselves."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from liferaft.clouds.registry import entry
from liferaft.config import machines
from liferaft.config.data import DataConfig, Kinds, by_program
from liferaft.config.models import AppConfig
from liferaft.config.problems import Finding
from liferaft.config.sites import ServerConfig, SiteConfig

LONGEST_BUCKET: Final = 63


def of_themselves(data: Mapping[str, DataConfig], sections: Mapping[str, Any]) -> Iterator[Finding]:
    """What each kind finds of its own data sets."""
    for name, item in data.items():
        yield from item.findings(name, sections)


def not_too_many(data: Mapping[str, DataConfig]) -> Iterator[Finding]:
    """As many of a kind as it allows, and one in the site's bucket."""
    kept: dict[str, list[str]] = {}
    in_bucket: list[str] = []
    for name, item in data.items():
        place, others = ("data", name, "kind"), kept.setdefault(item.kind, [])
        if len(others) == item.MOST:
            yield Finding(place, *_too_many(item, others))
        elif item.IN_BUCKET and in_bucket:
            reason = f"{in_bucket[0]} lives in the site's bucket already"
            yield Finding(place, reason, "one data set that lives in a bucket")
        else:
            others.append(name)
            in_bucket += [name] if item.IN_BUCKET else []


def store_for_bucket(
    sites: Mapping[str, SiteConfig], data: Mapping[str, DataConfig]
) -> Iterator[Finding]:
    """A site has somewhere to put a bucket."""
    if any(item.IN_BUCKET for item in data.values()):
        yield from machines.without_store(sites)
        yield from _without_store(sites)


def _without_store(sites: Mapping[str, SiteConfig]) -> Iterator[Finding]:
    for name, site in sites.items():
        stores = entry(site.cloud).bucket_regions
        if stores and site.region not in stores:
            reason = f"the app has a bucket, and {site.cloud} has no object store in {site.region}"
            yield Finding(("sites", name, "region"), reason, f"one of {', '.join(sorted(stores))}")


def buckets_are_named(
    app: AppConfig, sites: Mapping[str, SiteConfig], data: Mapping[str, DataConfig]
) -> Iterator[Finding]:
    """Buckets are called APP-SITE-DATA at every cloud, with a suffix that the vault adds."""
    for kept, item in data.items():
        for name, site in sites.items() if item.IN_BUCKET else ():
            bucket = f"{app.name}-{name}-{kept}"
            reason = _unusable(bucket, site.cloud)
            if reason:
                reason = f"the bucket of site {name} would be called {bucket}: {reason}"
                yield Finding(("data", kept), reason, "other names for app, site or data")


def programs_have_a_server(
    kinds: Kinds, servers: Mapping[str, ServerConfig], data: Mapping[str, DataConfig]
) -> Iterator[Finding]:
    """Exactly one server runs the program of a kind that has one, and only where there is data."""
    for word, kind in by_program(kinds).items():
        declared = [name for name, item in data.items() if word == item.RUNS]
        running = {name: group for name, group in servers.items() if word in group.runs}
        valid = f'exactly one group with count 1 that runs "{word}"'
        called = kinds[kind].CALLED
        if declared and not running:
            yield Finding(("data", declared[0]), f"no server group runs the {called}", valid)
        for at, (name, group) in enumerate(running.items()):
            place, first = ("servers", name, "runs"), next(iter(running))
            if at:
                yield Finding(place, f"{first} runs the {called} already", valid)
                continue
            if not declared:
                reason = f'it runs "{word}", but no data set is of that kind'
                yield Finding(place, reason, f'a table [data.{name}], kind = "{kind}"')
            if group.count != 1:
                yield Finding(("servers", name, "count"), f"a second {called} server", valid)


def _too_many(item: DataConfig, others: Sequence[str]) -> tuple[str, str]:
    if item.MOST == 1:
        return f"{others[0]} is of kind {item.kind} already", "one data set of each kind"
    reason = f"{', '.join(others)} are of kind {item.kind} already"
    return reason, f"{item.MOST} data sets of kind {item.kind}"


def _unusable(bucket: str, cloud: str) -> str:
    if len(bucket) > LONGEST_BUCKET:
        return f"{len(bucket)} characters, of which stores take {LONGEST_BUCKET}"
    taken = entry(cloud).reserved.within(bucket)
    return f"{cloud} keeps {taken} for itself" if taken else ""
