"""What came of trying a recovery point: each finding is told, and noted last."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import pyrage
import pytest

from liferaft.data import registry
from liferaft.data.failures import NotVerified
from liferaft.data.kind import Kind, KindFacts
from liferaft.data.proof import GaveWay, Proof, Trial
from liferaft.data.registry import KindEntry
from liferaft.failures import BadInput, Failure
from liferaft.moves import verification as room
from liferaft.moves.verification import STATE, PointNotProven, Wish, vaults_of, verify
from liferaft.recovery.blueprint import Blueprint, keep
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.recovery.verified import last_verified, verification_of
from liferaft.remote.acts import HostActFailed
from liferaft.secrets import ensure_secrets, read_secrets
from liferaft.site.world import World
from liferaft.vault import Vault
from liferaft.vault.layout import EpochKeys

POINT = "20261122T140000Z"
AT = "2026-11-22T14:00:00+00:00"
OPENED = Callable[[str], World]


class DiscKind(Kind[KindFacts]):
    """Every part of it comes back as the test says."""

    name: ClassVar[str] = "disc"

    def __init__(self) -> None:
        self.tried: list[Trial] = []
        self.outcomes: dict[str, Proof | Failure] = {}

    async def prove(self, world: World, part: Part, trial: Trial) -> Proof:
        self.tried.append(trial)
        outcome = self.outcomes.get(part.name, Proof("disc", part.name, {"play": 2.0}, 7, ("ok",)))
        if isinstance(outcome, Failure):
            raise outcome
        return outcome


DISC = DiscKind()


@dataclass
class Tried:
    """A point of two discs whose trial a test steers."""

    world: World
    wish: Wish
    told: list[str] = field(default_factory=list)

    def run(self, **wished: Any) -> Any:
        wish = replace(self.wish, **wished)
        (access, *_) = vaults_of(self.world, wish)
        return asyncio.run(verify(self.world, wish, access, self.told.append))


@pytest.fixture
def disc(monkeypatch: pytest.MonkeyPatch) -> DiscKind:
    kind = DiscKind()
    monkeypatch.setitem(registry.ENTRIES, "disc", KindEntry("tests.moves.test_verification:DISC"))
    monkeypatch.setattr("tests.moves.test_verification.DISC", kind)
    return kind


@pytest.fixture
def tried(
    in_a_bucket: OPENED, vault: Vault, disc: DiscKind, monkeypatch: pytest.MonkeyPatch
) -> Tried:
    assert disc.tried == []
    monkeypatch.setattr(room, "open_vault", lambda name, *_, **__: {"main": vault}[name])
    world = in_a_bucket("s3://vault")
    identity = pyrage.x25519.Identity.generate()
    path = world.site.credentials.identity_file
    path.write_text(str(identity))
    path.chmod(0o600)
    ensure_secrets(vault, 1, recipients=[str(identity.to_public())], identity_file=path)
    key = EpochKeys(1).state(POINT, "east")
    vault.put(key, b"{}")
    parts = (
        *(Part("disc", name, 1, AT, 7) for name in ("a", "b")),
        Part(STATE, "east", 1, AT, 2, {"key": key}),
    )
    point = RecoveryPoint(POINT, "chirp", 1, "east", AT, parts)
    publish(vault, point)
    return Tried(world, Wish(point))


def test_a_point_that_comes_back_is_noted_with_when_by_what_where_and_how_long(
    tried: Tried, vault: Vault
) -> None:
    came = tried.run()
    known = verification_of(vault, 1, POINT)
    assert known.vaults == {"main": came}
    assert known.is_verified
    assert came.where == "north"
    assert came.by.startswith("liferaft ")
    assert [part["seconds"] for part in came.parts] == [{"play": 2.0}] * 2
    found = last_verified(vault, 1)
    assert found is not None
    assert found.point == POINT


def test_what_one_part_lacks_keeps_no_other_from_being_tried_and_all_is_told_and_noted(
    tried: Tried, disc: DiscKind, vault: Vault
) -> None:
    fault = NotVerified("Disc a is scratched.", safe="Disc b plays.", do="Buy it anew.")
    disc.outcomes["a"] = Proof("disc", "a", faults=(fault,))
    with pytest.raises(PointNotProven) as raised:
        tried.run()
    facts = raised.value.facts
    assert "Disc a is scratched" in facts.happened
    assert (facts.safe, facts.do) == ("Disc b plays.", "Buy it anew.")
    assert len(disc.tried) == 2
    known = verification_of(vault, 1, POINT)
    assert known.vaults["main"].faults == ("Disc a is scratched.",)
    assert not known.is_verified
    assert last_verified(vault, 1) is None


def test_a_trial_that_came_to_no_end_leaves_what_was_noted_before(
    tried: Tried, disc: DiscKind, vault: Vault
) -> None:
    before = tried.run()
    disc.outcomes["b"] = GaveWay("A failover restores on this server")
    with pytest.raises(GaveWay):
        tried.run()
    assert verification_of(vault, 1, POINT).vaults == {"main": before}


def test_what_is_known_to_be_damaged_is_told_though_a_trial_came_to_no_end(
    tried: Tried, disc: DiscKind
) -> None:
    disc.outcomes["a"] = HostActFailed("Reading disc a failed.")
    with pytest.raises(HostActFailed):
        tried.run()
    flip(tried, EpochKeys(1).secrets)
    with pytest.raises(PointNotProven) as raised:
        tried.run()
    assert "Not tried: Reading disc a failed." in raised.value.came.parts[0]["unread"]


@pytest.mark.parametrize(
    "key", [EpochKeys(1).point(POINT), EpochKeys(1).state(POINT, "east"), EpochKeys(1).secrets]
)
def test_a_flipped_byte_in_a_record_of_the_point_is_named(tried: Tried, key: str) -> None:
    flip(tried, key)
    with pytest.raises(PointNotProven) as raised:
        tried.run()
    assert key in raised.value.facts.happened
    assert "vault main" in raised.value.facts.happened


def flip(tried: Tried, key: str) -> None:
    """Change one byte of an object where it lies."""
    (path,) = tried.world.site.credentials.identity_file.parent.glob(f"vault/**/{key}")
    body = bytearray(path.read_bytes())
    before = hashlib.sha256(body).digest()
    body[len(body) // 2] ^= 1
    path.write_bytes(body)
    assert hashlib.sha256(body).digest() != before


def test_a_vault_that_was_not_reached_when_the_point_was_taken_does_not_have_it(
    tried: Tried,
) -> None:
    point = tried.wish.point
    parts = (replace(point.parts[0], vaults=("other",)), *point.parts[1:])
    with pytest.raises(PointNotProven, match=r"Disc a .* is not in vault main"):
        tried.run(point=replace(point, parts=parts), vaults=("main",))


def test_a_vault_that_nobody_configured_is_refused_before_anything(tried: Tried) -> None:
    with pytest.raises(BadInput, match="no vault elsewhere"):
        tried.run(vaults=("elsewhere",))
    assert tried.told == []


def test_a_record_that_cannot_be_read_means_that_the_point_was_never_verified(
    tried: Tried, vault: Vault
) -> None:
    tried.run()
    flip(tried, EpochKeys(1).verified(POINT))
    assert not verification_of(vault, 1, POINT).is_verified
    vault.put(EpochKeys(1).verified(POINT), b'{"version": 2, "vaults": {}}')
    assert not verification_of(vault, 1, POINT).is_verified
    tried.run()
    assert verification_of(vault, 1, POINT).is_verified


def test_a_blueprint_that_nobody_of_the_operators_kept_is_a_finding(
    tried: Tried, vault: Vault
) -> None:
    site = tried.world.site
    identity = site.credentials.identity_file
    recipient = str(pyrage.x25519.Identity.from_str(identity.read_text()).to_public())
    found = Blueprint({"liferaft.toml": b""}, "liferaft.toml")
    secrets = read_secrets(vault, 1, identity)
    keep(vault, 1, found, secrets=secrets, recipients=[recipient], at=AT)
    tried.run()
    forged = secrets.model_copy(update={"pulumi_passphrase": secrets.rclone_salt})
    keep(vault, 1, found, secrets=forged, recipients=[recipient], at=AT)
    with pytest.raises(PointNotProven, match="not kept by an operator"):
        tried.run()


def test_operators_who_were_named_since_and_cannot_open_the_secrets_yet_are_told(
    tried: Tried,
) -> None:
    credentials = tried.world.site.credentials
    one = str(pyrage.x25519.Identity.generate().to_public())
    tried.world.site.credentials = replace(credentials, recipients=(one,))
    tried.run()
    assert not any("are sealed for" in line for line in tried.told)
    other = str(pyrage.x25519.Identity.generate().to_public())
    tried.world.site.credentials = replace(credentials, recipients=(one, other))
    tried.run()
    assert any("sealed for 1 operators, and `recipients` names 2" in line for line in tried.told)
