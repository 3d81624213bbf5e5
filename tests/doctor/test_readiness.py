"""A standby that was never made ready is told, and keys that do not open a bucket are found."""

from collections.abc import Callable, Iterator

import pytest
from tests.doctor.conftest import Find
from tests.moto_store import MotoStore, moto_store

from liferaft.doctor import readiness
from liferaft.doctor.patient import Patient
from liferaft.site.outputs import BucketOutput, SiteIncomplete, SiteOutputs
from liferaft.site.site import Site

Called = Callable[..., Patient]
Export = Callable[[BucketOutput | None], None]
GOOD = "secret"
KEY_ID, SECRET = "LIFERAFT_BUCKET_NORTH_ACCESS_KEY_ID", "LIFERAFT_BUCKET_NORTH_SECRET_ACCESS_KEY"
pytestmark = pytest.mark.usefixtures("east_reigns")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoStore]:
    with moto_store(tmp_path_factory.mktemp("moto"), key="id", secret=GOOD) as running:
        running.make_bucket("chirp-north")
        yield running


@pytest.fixture
def export(monkeypatch: pytest.MonkeyPatch) -> Export:
    """Let sites have an address and this bucket."""

    def let(bucket: BucketOutput | None) -> None:
        async def outputs(_: Site) -> SiteOutputs:
            return SiteOutputs("198.51.100.7", (), bucket)

        monkeypatch.setattr(Site, "outputs", outputs)

    return let


@pytest.fixture
def keys(
    patient: Called, store: MotoStore, export: Export, environ: dict[str, str], find: Find
) -> Callable[..., list[str]]:
    """What is said of the keys of north, of which the secret is this."""

    def ask(secret: str = GOOD, bucket: str = "chirp-north") -> list[str]:
        environ.update({KEY_ID: "id", SECRET: secret, "LIFERAFT_CA_FILE": str(store.ca_file)})
        export(BucketOutput(bucket, store.url, "us-east-1"))
        checks = [one for one in readiness.of_readiness(patient()) if one.about == "site north"]
        return [f"{one.severity}: {one.finding}" for one in find(checks, "bucket-keys")]

    return ask


def test_a_standby_that_was_made_ready_says_where_it_would_be(
    patient: Called, export: Export, find: Find
) -> None:
    export(None)
    (one,) = find(readiness.of_readiness(patient()), "ready")
    assert (one.severity, one.finding) == ("ok", "Yes, its address is 198.51.100.7.")


def test_a_standby_that_was_not_is_a_warning_with_the_command(
    patient: Called, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def incomplete(_: Site) -> SiteOutputs:
        raise SiteIncomplete("Site north has no address: it was never brought up")

    monkeypatch.setattr(Site, "outputs", incomplete)
    checks = [*readiness.of_readiness(patient())]
    (one,) = find(checks, "ready")
    assert one.severity == "warning"
    assert "liferaft deploy north" in one.mend
    assert {row.severity for row in find(checks, "bucket-keys")} == {"note"}


def test_keys_that_open_the_bucket_are_well_and_nothing_is_written(
    keys: Callable[..., list[str]], store: MotoStore
) -> None:
    store.heard.clear()
    assert keys() == ["ok: They list bucket chirp-north."]
    assert {one.method for one in store.heard} == {"GET"}


@pytest.mark.parametrize(
    ("secret", "bucket"), [("geheim", "chirp-north"), ("secret", "gone")], ids=["key", "bucket"]
)
def test_keys_that_do_not_open_it_are_critical_and_are_not_shown(
    keys: Callable[..., list[str]], secret: str, bucket: str
) -> None:
    (said,) = keys(secret, bucket)
    assert said.startswith(f"critical: They do not open bucket {bucket} (")
    assert "geheim" not in said


def test_a_store_that_does_not_answer_says_nothing_of_the_keys(
    patient: Called, export: Export, environ: dict[str, str], find: Find
) -> None:
    environ |= {KEY_ID: "id", SECRET: "secret"}
    export(BucketOutput("chirp-north", "https://localhost:9", "us-east-1"))
    checks = [one for one in readiness.of_readiness(patient()) if one.about == "site north"]
    (one,) = find(checks, "bucket-keys")
    assert (one.severity, one.is_answered) == ("unknown", False)


def test_without_a_bucket_in_the_application_no_keys_are_asked_for(patient: Called) -> None:
    bare = patient(('[data.media]\nkind = "bucket"\n', ""))
    assert {one.name for one in readiness.of_readiness(bare)} == {"ready"}
