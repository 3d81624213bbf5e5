"""On a new laptop nothing is asked for but where the vault is."""

from pathlib import Path

from liferaft_sandbox.rehearsal.laptop import command_for

NAMED = {
    "app": {"name": "chirp"},
    "vaults": {
        "main": {"url": "s3://one", "endpoint": "https://one.test", "ca_file": "env/ONE"},
        "depot": {"url": "s3://two", "endpoint": "https://two.test", "ca_file": "env/TWO"},
    },
}


def test_the_command_names_the_vault_that_is_left_and_a_folder_of_its_own() -> None:
    words = command_for(NAMED, "depot", Path("/new"))
    assert words[:2] == ("blueprint", "s3://two")
    assert words[words.index("--vault") + 1] == "depot"
    assert words[words.index("--ca-file") + 1] == "env/TWO"
    assert words[words.index("--into") + 1] == "/new"
