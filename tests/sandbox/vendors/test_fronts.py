"""What stands before the stores refuses what the vendor refuses, and changes nothing else."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.sandbox.inside import execute
from tests.sandbox.vendors import store_client, vaults_client

from liferaft_sandbox.addresses import VAULT_ADDRESSES
from liferaft_sandbox.sandboxes import Sandbox

SAMPLE = Path(__file__).parents[3] / "stacks/liferaft_stacks/microblog/liferaft.toml"
HETZNER = (
    "https://fsn1.hetzner.test:8443",
    "HETZNER_S3_ACCESS_KEY_ID",
    "HETZNER_S3_SECRET_ACCESS_KEY",
)
GOOGLE = (
    "https://storage.gcp.test:8443",
    "LIFERAFT_BUCKET_GCP_ACCESS_KEY_ID",
    "LIFERAFT_BUCKET_GCP_SECRET_ACCESS_KEY",
)
AWS = ("https://s3.aws.test:8443", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
DEPOT = (
    "https://objects.depot.test:8443",
    "LIFERAFT_VAULT_DEPOT_ACCESS_KEY_ID",
    "LIFERAFT_VAULT_DEPOT_SECRET_ACCESS_KEY",
    "LIFERAFT_DEPOT_CA_FILE",
)
PASSED = {
    "kept": True,
    "head": len(store_client.LARGE),
    "large": True,
    "range": True,
    "signed": store_client.KEYS[0],
    "again": [412, "PreconditionFailed"],
    "of_a_key": [200],
    "tags_of_a_key": [200],
    "list": [200],
    "elses": [409, "BucketAlreadyExists"],
}

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]
SANDBOX = "fronts"


def ask(sandbox: Sandbox, home: Path, store: tuple[str, ...]) -> dict[str, Any]:
    done = execute(
        home, sandbox.state.name, "operator", sys.executable, store_client.__file__, *store
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_a_store_refuses_what_its_vendor_lacks_and_passes_all_else_as_it_was_sent(
    sandbox: Sandbox, home: Path
) -> None:
    lacking = [501, "NotImplemented"]
    assert ask(sandbox, home, HETZNER) == {**PASSED, "website": lacking, "tags": lacking}
    none = {"website": [404, "NoSuchWebsiteConfiguration"], "tags": [404, "NoSuchTagSet"]}
    no_list = [400, "InvalidArgument"]
    assert ask(sandbox, home, GOOGLE) == {**PASSED, **none, "list": no_list}
    assert ask(sandbox, home, AWS) == PASSED | none


def test_the_second_vaults_store_passes_all_but_what_a_folder_cannot_hold(
    sandbox: Sandbox, home: Path
) -> None:
    told = ask(sandbox, home, DEPOT)
    none = {"website": [404, "NoSuchWebsiteConfiguration"], "tags": [404, "NoSuchTagSet"]}
    assert told == PASSED | none | {"elses": [200]}, "its names are its customer's own"


def test_the_second_vaults_store_is_signed_by_nobody_whom_the_others_know(
    sandbox: Sandbox, home: Path
) -> None:
    for store, file, code in (
        ("objects.depot", "LIFERAFT_DEPOT_CA_FILE", 0),
        ("objects.depot", "LIFERAFT_CA_FILE", 60),
        ("objects.neutral", "LIFERAFT_DEPOT_CA_FILE", 60),
    ):
        asked = f"curl -sm 60 -o /dev/null --cacert ${file} https://{store}.test:8443/"
        assert execute(home, sandbox.state.name, "operator", "sh", "-c", asked).returncode == code


def test_each_vault_of_the_sample_is_fit_and_keeps_versions_and_holds_each_pair_to_its_policy(
    sandbox: Sandbox, home: Path, tmp_path: Path
) -> None:
    toml = tmp_path / "liferaft.toml"
    toml.write_text(SAMPLE.read_text())
    (tmp_path / "compose.yaml").write_text(SAMPLE.with_name("compose.yaml").read_text())
    done = execute(
        home, sandbox.state.name, "operator", sys.executable, vaults_client.__file__, str(toml)
    )
    assert done.returncode == 0, done.stderr
    fit = {
        "faults": [],
        "keeps_state": True,
        "pairs": ["hosts", "reading"],
        "keeps_versions": True,
        "findings": [],
    }
    assert json.loads(done.stdout) == {"main": fit, "depot": fit}


@pytest.mark.parametrize("vault", ["main", "depot"])
def test_a_vault_is_refused_while_it_is_dead_and_silent_while_it_is_cut_off(
    sandbox: Sandbox, home: Path, vault: str
) -> None:
    address = VAULT_ADDRESSES[vault]
    other = next(one for name, one in VAULT_ADDRESSES.items() if name != vault)
    supervisor, name = sandbox.supervisor, sandbox.state.name

    def reached(where: str) -> int:
        asked = ("curl", "-skm", "5", "-o", "/dev/null", f"https://{where}:8443/")
        return execute(home, name, "operator", *asked).returncode

    supervisor.kill(vault)
    assert reached(address) == 7
    supervisor.revive(vault)
    supervisor.cut(vault)
    assert reached(address) == 28
    assert reached(other) != 28, "only one of them is cut off"
    supervisor.mend(vault)
    supervisor.mend(vault)
    assert reached(address) not in {7, 28}


def test_requests_can_be_counted_and_their_credentials_are_not_written_down(
    sandbox: Sandbox, home: Path
) -> None:
    log = Path(sandbox.facts["store_access_logs"]["vault"])
    before = len(log.read_text().splitlines())
    asked = "curl -sH 'Authorization: hush' --cacert $LIFERAFT_CA_FILE https://objects.neutral.test:8443/x"
    execute(home, sandbox.state.name, "operator", "sh", "-c", asked)
    lines = log.read_text().splitlines()[before:]
    (line,) = [line for line in lines if json.loads(line)["request"]["uri"] == "/x"]
    assert json.loads(line)["status"] == 403
    assert "hush" not in line


def test_nobody_gets_past_a_front(sandbox: Sandbox, home: Path) -> None:
    plain = execute(
        home, sandbox.state.name, "operator", "curl", "-s", "http://objects.neutral.test:8333/"
    )
    assert plain.returncode == 7


def test_a_store_that_sleeps_and_its_front_wake_together(sandbox: Sandbox, home: Path) -> None:
    asked = "curl -s --cacert $LIFERAFT_CA_FILE https://s3.colo.test:8443/"
    assert "AccessDenied" in execute(home, sandbox.state.name, "operator", "sh", "-c", asked).stdout
