"""What goes over the wire. That S3's signatures are right, botocore says in every other test."""

import hashlib
import hmac
from datetime import UTC, datetime

from liferaft.data.bucket.bucketcopy.dialect import GOOGLE, S3, Asked, StoreKeys, signed, spoken_at

NOW = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)
KEYS = StoreKeys("the-access-key", "the-secret", "auto")


def test_googles_own_store_is_spoken_to_in_googles_words_and_every_other_in_s3s() -> None:
    assert spoken_at("https://storage.googleapis.com") is GOOGLE
    assert spoken_at("https://storage.googleapis.com:443/") is GOOGLE
    assert spoken_at("https://s3.eu-central-1.amazonaws.com") is S3
    assert spoken_at("https://storage.googleapis.com.example.org") is S3


def test_create_only_is_said_to_google_as_a_generation_and_nothing_is_said_in_s3s_words() -> None:
    """https://cloud.google.com/storage/docs/xml-api/reference-headers: requests that mix prefixes
    are refused, and `If-None-Match` is for reading alone."""
    name, text = GOOGLE.create_only
    asked = Asked("PUT", "/b/k", [], {"host": "storage.googleapis.com", name: text}, "0" * 64)
    headers = signed(asked, GOOGLE, KEYS, NOW)
    assert headers["x-goog-if-generation-match"] == "0"
    assert not [one for one in headers if one.startswith("x-amz-")]
    assert "x-goog-if-generation-match" in headers["authorization"]


def test_a_request_to_google_is_signed_as_google_says() -> None:
    """https://cloud.google.com/storage/docs/authentication/signatures, step by step."""
    asked = Asked(
        "GET", "/b/k", [("prefix", "a b")], {"host": "storage.googleapis.com"}, "UNSIGNED"
    )
    headers = signed(asked, GOOGLE, KEYS, NOW)
    canonical = (
        "GET\n/b/k\nprefix=a%20b\nhost:storage.googleapis.com\nx-goog-content-sha256:UNSIGNED\n"
        "x-goog-date:20260501T120000Z\n\nhost;x-goog-content-sha256;x-goog-date\nUNSIGNED"
    )
    scope = "20260501/auto/storage/goog4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"GOOG4-HMAC-SHA256\n20260501T120000Z\n{scope}\n{digest}"
    key = b"GOOG4the-secret"
    for part in ("20260501", "auto", "storage", "goog4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    assert headers["authorization"].endswith(f"Signature={signature}")
