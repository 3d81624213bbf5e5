"""What is reported of an answer: enough for a refusal of the sandbox, and nothing of an account."""

import json
from pathlib import Path

import pytest
from benchmarks.live.answers import Differs, Redaction

from liferaft.clouds.classification import Classification, CloudFailure, Verdict
from liferaft.failures import Refused

TOKEN = "a-token-of-hetzners"


def test_a_refusal_is_told_by_status_code_and_message() -> None:
    meaning = Classification(
        Verdict.REFUSED,
        "NotImplemented",
        "A header you provided implies functionality that is not implemented",
        {"operation": "PutBucketTagging", "status": "501", "request_id": "tx0000-1"},
    )
    failure = CloudFailure("hetzner", "tagging bucket media", meaning, safe="")
    came = Redaction.of({}).came(failure)
    assert (came.verdict, came.status, came.code) == ("refused", "501", "NotImplemented")
    assert came.message.startswith("A header you provided")
    assert came.evidence == {"operation": "PutBucketTagging"}


@pytest.mark.parametrize(
    "secret",
    [
        TOKEN,
        "123456789012",
        "arn:aws:iam::123456789012:user/jo",
        "AKIAIOSFODNN7EXAMPLE",
        "liferaft@chirp-lab.iam.gserviceaccount.com",
        "1c92a4f2-9a5b-4f0e-8d0b-0a4c6f1c2d3e",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "203.0.113.7",
    ],
)
def test_nothing_of_an_account_is_told(secret: str) -> None:
    redaction = Redaction.of({"HCLOUD_TOKEN": TOKEN})
    for error in (
        Refused(f"'{secret}' may not do this"),
        Differs(f"it said ({secret})"),
        ValueError(secret),
    ):
        assert secret not in redaction.came(error).message


def test_what_googles_key_file_says_is_not_told(tmp_path: Path) -> None:
    key_file = tmp_path / "key.json"
    key_file.write_text(json.dumps({"project_id": "chirp-lab", "client_email": "a@chirp-lab.test"}))
    redaction = Redaction.of({"GOOGLE_APPLICATION_CREDENTIALS": str(key_file)})
    said = redaction.came(ValueError("projects/chirp-lab/zones/europe-west3-a"))
    assert said.message == "projects/[secret]/zones/europe-west3-a"


def test_a_page_of_html_is_cut() -> None:
    assert len(Redaction.of({}).came(ValueError("no " * 4000)).message) <= 500
