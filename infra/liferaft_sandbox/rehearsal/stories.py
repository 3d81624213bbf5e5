"""The days around a failover: what is done before each termination, by name.

A story is a row of chapters. In each of them one site reigns, things are done to it, its cloud
drops it, and the next site takes over.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from liferaft.failures import BadInput
from liferaft_sandbox.failures import SandboxFailed
from liferaft_sandbox.rehearsal.dead_server import lose_server
from liferaft_sandbox.rehearsal.release import release_anew
from liferaft_sandbox.rehearsal.scene import CLOUD_OF, Pair
from liferaft_sandbox.rehearsal.stage import Stage

QUIET_SECONDS = 60.0
"""How long nothing is done before the termination: several times what the archive may lag."""
OUTAGE_SECONDS = 75.0
"""How long the vault is dead: long enough for WAL that has no place to go to be an outage."""
REFUSED = 4
"""The exit code of a command that will not do what it was asked for."""
VENDOR_FAILED = 6
"""The exit code of a command whose vendor does not answer."""
POLL_SECONDS = 5.0
WAITING = "/run/wal-that-waits"
WAITS = "find /var/lib/postgresql/*/main/pg_wal/archive_status -name '*.ready' | wc -l"
WATCH = f"while sleep 2; do {WAITS} >>{WAITING}; done"
ARCHIVE_SECONDS = 13.0
"""How long a write waits at most until its segment ends: docs/configuration.md."""
CAUGHT_UP_SECONDS = 240.0
"""How long a vault that is back may lack something: a backup of its own, and what hosts bring."""
DATABASE = "db-1"
NO_POINT = "--no-snapshot"
PRIMARY, STANDBY, THIRD = range(3)
Act = Callable[[Stage, str], None]
"""Done at the site of that name, which reigns."""


@dataclass(frozen=True)
class Chapter:
    """What is done at a site before it is dropped. to: who takes over, as a place in `sites`.
    point: whether that failover takes a recovery point of the new reign. silent: vaults that fall
    silent in the moment in which the site is dropped. laptop: the vault from which the operator
    takes what describes the application, since his folder is gone; empty: he has it. afterwards:
    what is done at the site that took over, once users are there."""

    to: int
    acts: tuple[Act, ...]
    point: bool = True
    silent: tuple[str, ...] = ()
    laptop: str = ""
    afterwards: tuple[Act, ...] = ()


@dataclass(frozen=True)
class Story:
    """One order of events, played with the users at work."""

    sentence: str
    chapters: tuple[Chapter, ...]
    app_servers: int = 1
    """At each site."""


def snapshot(stage: Stage, site: str) -> None:  # noqa: ARG001 - every act is told its site
    """A recovery point."""
    stage.operator.run("snapshot", "--yes")


def deploy(stage: Stage, site: str) -> None:
    """The same configuration once more."""
    stage.operator.run("deploy", site, "--yes")


def deploy_alone(stage: Stage, site: str) -> None:
    """The same once more, and the reign stays without a recovery point."""
    stage.operator.run("deploy", site, "--yes", NO_POINT)


def release(stage: Stage, site: str) -> None:
    """A new image of the application, and nothing of it is in any recovery point."""
    release_anew(stage.operator.folder, stage.scene.image)
    stage.operator.run("deploy", site, "--yes")


def be_quiet(stage: Stage, site: str) -> None:
    """Nobody does anything but the users."""
    stage.say(f"{QUIET_SECONDS:.0f} s of nothing but users at {site}")
    time.sleep(QUIET_SECONDS)
    said = stage.operator.ask("status")
    if said["archived_until"] is None:
        raise SandboxFailed(f"The vault shows nothing of the archive of {site}.")
    stage.say(f"  safe until about {said['archived_until']}; advice: {said['advice'] or 'none'}")
    for one in said["loss"]["data"]:
        if one["seconds"] is None:
            why = one["trouble"] or str(one["vaults"])
            raise SandboxFailed(
                f"Nobody knows what of {one['name']} would be lost.", details={"why": why}
            )
        stage.say(f"  of {one['name']} {one['seconds']:.0f} s would be lost")


def reboot_database(stage: Stage, site: str) -> None:
    """The database's server boots anew."""
    _reboot(stage, site, "postgres")


def reboot_site(stage: Stage, site: str) -> None:
    """Every server of the site boots anew at once."""
    _reboot(stage, site, "")


def _reboot(stage: Stage, site: str, running: str) -> None:
    rebooted = stage.sandbox.supervisor.reboot(CLOUD_OF[site], running)
    if not rebooted:
        raise SandboxFailed(f"No server of {site} runs {running or 'at all'}.")
    stage.say(f"*** {', '.join(rebooted)} reboots ***")


def lose_vault(stage: Stage, site: str) -> None:
    """No vault answers anybody, while users go on writing and WAL piles up on the database's disk.
    Then they are back."""
    supervisor, ask = stage.sandbox.supervisor, ("ssh", DATABASE, "--site", site, "--")
    stage.operator.run(*ask, "systemd-run", "--quiet", "sh", "-c", WATCH)
    for vault in stage.vaults:
        supervisor.kill(vault)
    stage.say(f"*** the stores of all vaults are dead, for {OUTAGE_SECONDS:.0f} s ***")
    back = time.monotonic() + OUTAGE_SECONDS
    try:
        stage.operator.run("status", exits=VENDOR_FAILED)
        time.sleep(max(0.0, back - time.monotonic()))
    finally:
        for vault in stage.vaults:
            supervisor.revive(vault)
    stage.say("*** the stores of all vaults are back ***")
    disk = stage.operator.ask("status", "--disk")["disk"]
    stage.say(f"  {disk['waiting']} files wait for it, {disk['free']} bytes are free")
    most = max(int(line) for line in stage.operator.run(*ask, "cat", WAITING).split())
    if most < OUTAGE_SECONDS / ARCHIVE_SECONDS / 2:
        raise SandboxFailed(f"No vault was there, and {most} files of WAL waited at most.")
    stage.say(f"  {most} waited at most")


def _kill(vault: str) -> Act:
    """That vault dies for good, and `status` says so though it may be the first one."""

    def act(stage: Stage, site: str) -> None:  # noqa: ARG001 - every act is told its site
        stage.sandbox.supervisor.kill(vault)
        stage.say(f"*** vault {vault} is dead ***")
        if _told_of(stage, vault)["answers"]:
            raise SandboxFailed(f"`status` takes the dead vault {vault} for one that answers.")

    return act


def _bring_back(vault: str) -> Act:
    """That vault is there again: the next snapshot brings it what it lacks."""

    def act(stage: Stage, site: str) -> None:  # noqa: ARG001 - every act is told its site
        stage.revive(vault)
        stage.say(f"*** vault {vault} is back ***")
        deadline = time.monotonic() + CAUGHT_UP_SECONDS
        stage.operator.run("snapshot", "--yes")
        while not (told := _told_of(stage, vault))["is_complete"]:
            if time.monotonic() > deadline:
                raise SandboxFailed(
                    f"Vault {vault} was back for {CAUGHT_UP_SECONDS:.0f} s and lacks something.",
                    details={"why": str(told["why"]), "records left": str(told["left"])},
                )
            time.sleep(POLL_SECONDS)

    return act


def _told_of(stage: Stage, vault: str) -> Mapping[str, Any]:
    """What `status` says of that vault."""
    told: list[dict[str, Any]] = stage.operator.ask("status")["vaults"]
    return next(one for one in told if one["vault"] == vault)


def take_back(stage: Stage, site: str) -> None:  # noqa: ARG001 - it is about the site before
    """The first cloud takes its customer back. Its old servers take nobody over: they are cleared,
    and the site is a standby again."""
    old = stage.scene.pair.primary
    stage.sandbox.supervisor.reinstate(CLOUD_OF[old])
    stage.say(f"*** {CLOUD_OF[old]} takes its customer back ***")
    for command in ("failover", "deploy"):
        stage.operator.run(command, old, "--yes", exits=REFUSED)
    stage.operator.run("destroy", old, "--servers", "--yes")
    stage.operator.run("deploy", old, "--yes")


DYING_VAULTS: Mapping[str, Story] = {
    "main-dead": Story(
        "the first vault dies, wait; the laptop is gone, terminate; the vault comes back",
        (
            Chapter(
                *(STANDBY, (snapshot, _kill("main"), be_quiet)),
                laptop="depot",
                afterwards=(_bring_back("main"),),
            ),
        ),
    ),
    "depot-dead": Story(
        "the second vault dies, wait, terminate; it comes back",
        (
            Chapter(
                *(STANDBY, (snapshot, _kill("depot"), be_quiet)),
                afterwards=(_bring_back("depot"),),
            ),
        ),
    ),
    "main-falls": Story(
        "the first vault falls silent as the cloud is terminated; it comes back",
        (
            Chapter(
                *(STANDBY, (snapshot, be_quiet)),
                silent=("main",),
                afterwards=(_bring_back("main"),),
            ),
        ),
    ),
}
"""A vendor of storage drops us as well."""
USUAL = "usual"
STORIES: Mapping[str, Story] = {
    USUAL: Story("deploy, snapshot, terminate", (Chapter(STANDBY, (snapshot,)),)),
    "deploy": Story(
        "deploy, snapshot, deploy, wait, terminate",
        (Chapter(STANDBY, (snapshot, deploy, be_quiet)),),
    ),
    "second": Story(
        "fail over, deploy, wait, terminate again, with no recovery point since",
        (Chapter(STANDBY, (snapshot,), point=False), Chapter(THIRD, (deploy_alone, be_quiet))),
    ),
    "release": Story(
        "a new image, deployed, no snapshot since, terminate",
        (Chapter(STANDBY, (snapshot, release)),),
    ),
    "back": Story(
        "reinstate, clear the old site, fail over back",
        (Chapter(STANDBY, (snapshot,)), Chapter(PRIMARY, (take_back,))),
    ),
    "reboot": Story(
        "reboot the database's server, wait, terminate",
        (Chapter(STANDBY, (snapshot, reboot_database, be_quiet)),),
    ),
    "restart": Story(
        "restart the whole site, wait, terminate",
        (Chapter(STANDBY, (snapshot, reboot_site, be_quiet)),),
    ),
    "vault": Story(
        "every vault dies under load and comes back, wait, terminate",
        (Chapter(STANDBY, (snapshot, lose_vault, be_quiet)),),
    ),
    "server": Story(
        "one of two app servers dies, wait, terminate",
        (Chapter(STANDBY, (snapshot, lose_server)),),
        app_servers=2,
    ),
    **DYING_VAULTS,
}


def story_named(name: str) -> Story:
    """Raises BadInput for a name that no story has."""
    if name not in STORIES:
        raise BadInput(f"There is no story {name}.", do=f"Choose from {', '.join(STORIES)}.")
    return STORIES[name]


def sites(pair: Pair) -> tuple[str, str, str]:
    """Primary, standby, and the site that is left when both have dropped us."""
    third = next(site for site in CLOUD_OF if site not in {pair.primary, pair.standby})
    return pair.primary, pair.standby, third


def visited(story: Story, pair: Pair) -> tuple[str, ...]:
    """Every site at which the story plays, in order, each once."""
    places = [PRIMARY, *(chapter.to for chapter in story.chapters)]
    return tuple(dict.fromkeys(sites(pair)[place] for place in places))
