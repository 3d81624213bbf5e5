"""Verifiers of passwords."""

import base64

from liferaft.data.postgres.scram import matches, verifier


def test_a_password_matches_its_own_verifier_only() -> None:
    made = verifier("pencil")
    assert made != verifier("pencil")
    assert matches("pencil", made)
    assert not matches("pen", made)


def test_nothing_matches_what_is_no_verifier() -> None:
    assert not matches("pencil", "")
    assert not matches("pencil", "md5d41d8cd98f00b204e9800998ecf8427e")


def test_the_derivation_is_the_one_of_the_rfc() -> None:
    # RFC 7677, section 3: user `pencil`, this salt; the keys follow from its client proof.
    salt = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
    made = verifier("pencil", salt=salt)
    assert made == (
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
        "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    )
