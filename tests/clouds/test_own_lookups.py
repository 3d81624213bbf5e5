"""The clouds are reached with what the operator gave, whatever SDKs would find by themselves."""

import json
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest
from tests.clouds.gcp_key import write_key
from tests.serving import serving

from liferaft.clouds.contract import Cloud
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.registry import open_cloud
from liferaft.failures import BadInput

HURRY = Patience(attempts=1, budget=60)
REGIONS: Final = {"aws": "us-east-1", "gcp": "europe-west3", "hetzner": "fsn1"}
NOWHERE: Final = "http://127.0.0.1:1"
"""Whoever asks there gets no answer."""
STS: Final = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Arn>arn:aws:iam::1:user/me</Arn><UserId>u</UserId><Account>1</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""
S3: Final = "<ListAllMyBucketsResult><Buckets></Buckets></ListAllMyBucketsResult>"
GOOGLE: Final = {"name": "chirp-lab", "id": "7", "items": []}
HETZNER: Final = {
    "id": 1,
    "name": "fsn1",
    "description": "",
    "country": "DE",
    "city": "Falkenstein",
}


class Vendor(ThreadingHTTPServer):
    """Answers in every cloud's words, and remembers who asked for what."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.asked: list[tuple[str, str]] = []
        """URLs or paths, and what the Authorization header said."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answering(BaseHTTPRequestHandler):
    server: Vendor

    def do_GET(self) -> None:
        asked = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.path, self.headers.get("Authorization", "")))
        body = self._answer(asked).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml" if body[:1] == b"<" else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815  # as http.server calls it

    def _answer(self, asked: bytes) -> str:
        if b"GetCallerIdentity" in asked:
            return STS
        if "/locations" in self.path:
            return json.dumps({"locations": [HETZNER]})
        return S3 if "AWS4" in self.headers.get("Authorization", "") else json.dumps(GOOGLE)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with serving(Vendor()) as server:
        yield server


Open = Callable[[str, str], Cloud]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """A cloud by its name, whose endpoints are all one URL."""

    def open_at(name: str, url: str) -> Cloud:
        return open_cloud(name, REGIONS[name], given(tmp_path, url), patience=HURRY)

    return open_at


def given(folder: Path, url: str) -> Mapping[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": "ours",
        "AWS_SECRET_ACCESS_KEY": "hush",
        "AWS_ENDPOINT_URL": url,
        "HCLOUD_TOKEN": "ours",
        "HCLOUD_ENDPOINT": url,
        "HETZNER_S3_ACCESS_KEY_ID": "ours",
        "HETZNER_S3_SECRET_ACCESS_KEY": "hush",
        "HETZNER_S3_ENDPOINT": url,
        "GOOGLE_APPLICATION_CREDENTIALS": str(write_key(folder)),
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE": url,
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": url,
    }


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home and an environment that lead every SDK astray."""
    home = tmp_path / "home"
    (home / ".aws").mkdir(parents=True)
    (home / ".aws" / "config").write_text("[default\nnonsense")
    (home / ".aws" / "credentials").write_text("nonsense")
    (home / ".netrc").write_text("default login somebody password else\n")
    (home / ".netrc").chmod(0o600)
    gcloud = home / ".config" / "gcloud"
    gcloud.mkdir(parents=True)
    (gcloud / "certificate_config.json").write_text("nonsense")
    (gcloud / "application_default_credentials.json").write_text("nonsense")
    for name, value in {
        "HOME": str(home),
        "AWS_PROFILE": "work",
        "AWS_DEFAULT_PROFILE": "work",
        "AWS_ACCESS_KEY_ID": "theirs",
        "AWS_SECRET_ACCESS_KEY": "theirs",
        "AWS_SESSION_TOKEN": "theirs",
        "AWS_CA_BUNDLE": "/nowhere",
        "AWS_DEFAULTS_MODE": "auto",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": NOWHERE,
        "AWS_ENDPOINT_URL_STS": NOWHERE,
        "AWS_ENDPOINT_URL_S3": NOWHERE,
        "AWS_MAX_ATTEMPTS": "many",
        "AWS_RETRY_MODE": "nonsense",
        "AWS_REQUEST_CHECKSUM_CALCULATION": "nonsense",
        "AWS_STS_REGIONAL_ENDPOINTS": "nonsense",
        "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": "nonsense",
        "AWS_USE_DUALSTACK_ENDPOINT": "true",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "REQUESTS_CA_BUNDLE": "/nowhere",
        "CURL_CA_BUNDLE": "/nowhere",
        "CLOUDSDK_CONFIG": str(gcloud),
        "CLOUDSDK_CORE_PROJECT": "theirs",
        "GOOGLE_APPLICATION_CREDENTIALS": "/nowhere",
        "GOOGLE_API_CERTIFICATE_CONFIG": str(gcloud / "certificate_config.json"),
        "GOOGLE_API_USE_CLIENT_CERTIFICATE": "true",
        "GOOGLE_API_USE_MTLS_ENDPOINT": "always",
        "GOOGLE_CLOUD_PROJECT": "theirs",
        "GOOGLE_CLOUD_QUOTA_PROJECT": "theirs",
        "GOOGLE_CLOUD_UNIVERSE_DOMAIN": "elsewhere.example",
        "STORAGE_EMULATOR_HOST": NOWHERE,
        "HCLOUD_TOKEN": "theirs",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("foreign")
@pytest.mark.parametrize("name", REGIONS)
def test_profiles_files_and_variables_of_the_sdks_are_not_looked_at(
    name: str, vendor: Vendor, opened: Open
) -> None:
    cloud = opened(name, vendor.url)
    assert cloud.account()
    assert cloud.kinds["bucket"].owned_by(app="chirp") == []
    assert len(vendor.asked) >= 2
    for _, by in vendor.asked:
        assert by.startswith(("AWS4-HMAC-SHA256 Credential=ours/", "Bearer ")), by
        assert "theirs" not in by


@pytest.mark.usefixtures("foreign")
def test_a_session_at_aws_knows_no_profile_and_no_region_but_the_given(opened: Open) -> None:
    cloud: Any = opened("aws", NOWHERE)
    session = cloud._access.s3.session
    assert session.region_name == "us-east-1"
    assert session.available_profiles == []
    assert session._session.get_config_variable("profile") is None


@pytest.mark.parametrize("name", REGIONS)
def test_a_proxy_is_on_the_way_to_every_cloud(
    name: str, vendor: Vendor, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", vendor.url)
    monkeypatch.setenv("http_proxy", vendor.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    cloud = opened(name, "http://cloud.invalid")
    assert cloud.account()
    assert cloud.kinds["bucket"].owned_by(app="chirp") == []
    assert all(url.startswith("http://cloud.invalid/") for url, _ in vendor.asked)


@pytest.mark.parametrize(
    "proxy",
    [
        "http://[::1/",
        "http://h:99999",
        "socks5://h:1",
        "ftp://me@h",
        "http://h:1\n",
        "http://\u00e4:1",
    ],
)
def test_a_proxy_that_cannot_be_one_is_told_by_its_name_alone(proxy: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="HTTPS_PROXY is not the URL of a proxy") as caught:
        open_cloud("aws", "us-east-1", {**given(tmp_path, NOWHERE), "HTTPS_PROXY": proxy})
    assert proxy not in str(caught.value.facts)


def test_a_word_that_googles_sdk_does_not_know_is_told(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_API_USE_MTLS_ENDPOINT", "nonsense")
    with pytest.raises(BadInput, match="GOOGLE_API_USE_MTLS_ENDPOINT"):
        opened("gcp", NOWHERE).account()
