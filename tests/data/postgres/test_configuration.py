"""The text of configuration files."""

import pytest
from tests.data.cluster import CLUSTER

from liferaft.clouds.systems import System
from liferaft.data.postgres.configuration import (
    Repository,
    get_file,
    newest_first,
    pgbackrest,
    push_files,
    server_files,
)
from liferaft.data.postgres.layout import Database, cluster_of
from liferaft.site.reach import VaultAccess

VAULT = VaultAccess(
    name="main",
    bucket="chirp-vault",
    host="objects.neutral.test",
    port=8443,
    region="us-east-1",
    access_key="key",
    secret_key="very-secret",
    ca_file="/etc/ssl/liferaft/vault-ca.pem",
    prefix="chirp/",
)
FIRST, SECOND = Repository(VAULT, 1, "cipher"), Repository(VAULT, 2, "cipher")


def test_each_repository_has_its_epochs_path_and_one_number() -> None:
    lines = pgbackrest([SECOND, FIRST], CLUSTER, lock="get").splitlines()
    assert "repo1-path=/chirp/epoch-00000002/pgbackrest" in lines
    assert "repo2-path=/chirp/epoch-00000001/pgbackrest" in lines
    assert "repo2-storage-ca-file=/etc/ssl/liferaft/vault-ca.pem" in lines
    assert "expire-auto=n" in lines


@pytest.mark.parametrize(("system", "blocks"), [("debian-13", True), ("debian-12", False)])
def test_changed_blocks_alone_are_kept_where_the_hosts_pgbackrest_can(
    system: System, blocks: bool
) -> None:
    lines = pgbackrest([FIRST], cluster_of(system), lock="main").splitlines()
    assert "repo1-bundle=y" in lines
    assert ("repo1-block=y" in lines) == blocks
    assert any(line.startswith("repo1-block-size-map=") for line in lines) == blocks


def test_restores_ask_the_newest_epoch_first() -> None:
    assert newest_first([FIRST, SECOND]) == (SECOND, FIRST)
    text = get_file([FIRST, SECOND], CLUSTER).content.decode()
    assert text.index("epoch-00000002") < text.index("epoch-00000001")


def test_what_the_archiver_reads_is_closed_to_everybody_else() -> None:
    for file in [get_file([FIRST], CLUSTER), *push_files([FIRST, SECOND], CLUSTER)]:
        assert (file.mode, file.owner) == (0o640, "root:postgres")


def test_a_push_has_one_store_and_one_epoch_per_file() -> None:
    paths = [file.path for file in push_files([FIRST, SECOND], CLUSTER)]
    assert paths == [
        "/etc/pgbackrest/liferaft/push/main/00000001.conf",
        "/etc/pgbackrest/liferaft/push/main/00000002.conf",
    ]
    assert all(
        file.content.count(b"-path=/chirp") == 1 for file in push_files([FIRST, SECOND], CLUSTER)
    )


@pytest.mark.parametrize("value", [VAULT, FIRST, get_file([FIRST], CLUSTER)])
def test_no_secret_shows_in_a_repr(value: object) -> None:
    assert "very-secret" not in repr(value)
    assert "cipher" not in repr(value)


def test_only_private_network_and_own_containers_may_connect_and_only_with_scram() -> None:
    database = Database("chirp", "chirp", "password", "10.0.1.5", "10.0.0.0/16")
    server, hba = (file.content.decode() for file in server_files(database))
    assert "listen_addresses = '10.0.1.5,127.0.0.1'" in server
    # pgBackRest refuses to back up a cluster whose archive_command does not name it.
    assert "archive_command = '/usr/lib/liferaft/pgbackrest-push" in server
    remote = [line for line in hba.splitlines() if line.startswith("host")]
    assert all(line.endswith("scram-sha-256") for line in remote)
    sources = [line.split()[3] for line in remote]
    assert sources == ["127.0.0.1/32", "10.0.0.0/16", "10.89.0.0/16"]
