from pathlib import Path

import asyncssh

from liferaft_sandbox.credentials import (
    Credentials,
    KeyFiles,
    SshKey,
    operator_environment,
    without_the_world,
)

FILES = KeyFiles(
    ca=Path("ca"),
    depot_ca=Path("depot-ca"),
    identity=Path("id"),
    ssh=Path("ssh"),
    google=Path("google"),
)


def test_nothing_of_the_real_world_is_inherited() -> None:
    real = {"AWS_CA_BUNDLE": "x", "AWS_PROFILE": "x", "HTTPS_PROXY": "x", "SSL_CERT_FILE": "x"}
    assert without_the_world({**real, "HOME": "/root"}) == {"HOME": "/root"}


def test_no_two_sandboxes_share_a_secret() -> None:
    first, second = (operator_environment(Credentials(), FILES) for _ in range(2))
    same = {name for name, value in first.items() if second[name] == value} - {
        "LIFERAFT_SSH_KEY_FILE",
        "CLOUDSDK_AUTH_TOKEN_HOST",
    }
    assert not {name for name in same if "KEY" in name or "TOKEN" in name}


def test_no_two_vaults_share_a_key_or_an_authority() -> None:
    environment = operator_environment(Credentials(), FILES)
    words = ("VAULT", "HOSTS_VAULT", "READING_VAULT")
    pairs = [
        (environment[f"{prefix}_ACCESS_KEY_ID"], environment[f"{prefix}_SECRET_ACCESS_KEY"])
        for prefix in (f"LIFERAFT_{word}_{name}" for word in words for name in ("MAIN", "DEPOT"))
    ]
    assert len(set(pairs)) == len({key_id for key_id, _ in pairs}) == len(pairs)
    assert environment["LIFERAFT_CA_FILE"] != environment["LIFERAFT_DEPOT_CA_FILE"]


def test_secrets_do_not_show_in_messages() -> None:
    credentials = Credentials()
    assert credentials.hetzner_token not in repr(credentials)
    assert credentials.vault.operator.secret_access_key not in repr(credentials)
    assert "PRIVATE" not in repr(credentials)


def test_both_halves_of_an_ssh_key_are_what_ssh_reads() -> None:
    key = SshKey.make()
    private = asyncssh.import_private_key(key.private)
    assert private.export_public_key().decode().split()[:2] == key.public.split()


def test_googles_command_line_knows_nothing_but_the_sandbox() -> None:
    environment = operator_environment(Credentials(), FILES)
    assert environment["CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE"] == "google"
    assert environment["CLOUDSDK_AUTH_TOKEN_HOST"].startswith("http://198.18.30.10/")
    assert environment["CLOUDSDK_CONFIG"] == "gcloud"  # beside the keys, not at home
