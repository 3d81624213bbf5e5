"""The list of what lies in a vault is whole, as far as that shows without one."""

import pytest
from benchmarks.vault_kinds import KINDS, kind_of


def test_an_object_of_no_known_kind_is_no_kind_at_all() -> None:
    for key in ("epoch-00000001/something-new.json", "README", "epoch-00000001/pgbackrest/x"):
        with pytest.raises(LookupError, match=key):
            kind_of(key)


def test_every_kind_has_a_name_of_its_own() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("epoch/00000002", "epoch"),
        ("lease-renewed/00000002", "renewal of a lease"),
        ("epoch-00000001/pgbackrest/backup/main/backup.info.copy", "second note of backups"),
        ("state/.pulumi/stacks/chirp/north.json", "state of a site"),
        ("state/.pulumi/stacks/chirp/north.json.bak", "backup of a state"),
    ],
)
def test_keys_that_look_alike_are_told_apart(key: str, name: str) -> None:
    assert kind_of(key).name == name
