"""The passphrase that opens a state: the Pulumi CLI's own."""

import pytest

from liferaft.provision.engine.faults import StateUnreadable, WrongPassphrase
from liferaft.provision.engine.state.passphrase import Passphrase

# A checkpoint's own secret, sealed by Pulumi CLI 3.260 with the passphrase `golden`.
CLI_SALT = "v1:BloEAGNVVn8=:v1:/ahyZ5NtHaPZuwuo:ARax3D+hGkQBD18WMYqjYSmApAttUw=="
CLI_SEALED = "v1:JQNmAJufvXNB3Dig:AHjE2L+V/8A8mSHaJ/yvrCsGEKmY7NQtggwzSw=="


async def test_what_the_cli_sealed_is_opened_and_another_phrase_is_told() -> None:
    passphrase = Passphrase("golden", CLI_SALT)
    await passphrase.unlock()
    assert passphrase.open(CLI_SEALED) == "s3cr3t-token"
    with pytest.raises(StateUnreadable):
        passphrase.open(CLI_SEALED[:-4] + "AAA=")
    with pytest.raises(WrongPassphrase):
        await Passphrase("other", CLI_SALT).unlock()


def test_no_passphrase_and_an_unknown_salt_are_refused() -> None:
    with pytest.raises(WrongPassphrase):
        Passphrase("")
    with pytest.raises(StateUnreadable):
        Passphrase("golden", "v2:x")
