"""The control planes' processes: one module per cloud, started in its network."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from liferaft_sandbox.addresses import API_ADDRESSES, API_PORT
from liferaft_sandbox.clouds.gcp.seed import Objects, Seed
from liferaft_sandbox.credentials import (
    GCP_PROJECT,
    GCP_PROJECT_NUMBER,
    GCS_S3_ENDPOINT,
    Credentials,
)
from liferaft_sandbox.state import SUPERVISOR_SOCKET, State

PROBE_SECONDS = 3.0
ORDER_SECONDS = 60.0
MODULES: Mapping[str, str] = {
    "aws": "liferaft_sandbox.clouds.aws",
    "gcp": "liferaft_sandbox.clouds.gcp",
    "hetzner": "liferaft_sandbox.clouds.hetzner",
}


def seed(cloud: str, state: State, credentials: Credentials) -> object:
    """The account that exists from the start, in the control plane's own shape."""
    if cloud == "aws":
        aws = credentials.aws
        key = {"access_key_id": aws.access_key_id, "secret_access_key": aws.secret_access_key}
        return {"access_keys": [key]}
    if cloud == "gcp":
        return google_seed(credentials, state.stores_authority).to_json()
    return {"tokens": [credentials.hetzner_token]}


def google_seed(credentials: Credentials, ca_file: Path) -> Seed:
    """The project at Google Cloud; its buckets lie in the store that `ca_file` verifies."""
    keys = credentials.gcp_objects
    objects = Objects(
        GCS_S3_ENDPOINT, keys.access_key_id, keys.secret_access_key, ca_file=str(ca_file)
    )
    return Seed(GCP_PROJECT, GCP_PROJECT_NUMBER, (credentials.gcp,), objects)


def start(
    cloud: str, module: str, state: State, credentials: Credentials
) -> subprocess.Popen[bytes]:
    """Start it and return at once. Secrets travel in a file, never in argv."""
    file = state.keys / f"{cloud}.seed.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(seed(cloud, state, credentials)))
    with (state.logs / f"{cloud}-control.log").open("ab") as said:
        return subprocess.Popen(
            [
                *("nsenter", f"--net=/run/netns/{cloud}", sys.executable, "-m", module),
                *("--listen", f"{API_ADDRESSES[cloud]}:{API_PORT}"),
                *("--supervisor", str(SUPERVISOR_SOCKET)),
                *("--log", str(state.access_log(cloud))),
                *("--seed-credentials", str(file)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd=state.folder,
            env={**os.environ, "AWS_EC2_METADATA_DISABLED": "true"},
        )


def probe(cloud: str) -> None:
    """Any HTTP answer will do. Raises OSError while there is none."""
    try:
        with urllib.request.urlopen(_url(cloud, "/_sandbox/"), timeout=PROBE_SECONDS):  # noqa: S310 - a constant
            pass
    except urllib.error.HTTPError:
        return


def suspend(cloud: str) -> None:
    """From the answer on, the account's API refuses everything as the provider would.

    Raises OSError when the control plane does not confirm.
    """
    _order(cloud, "suspend")


def reinstate(cloud: str) -> None:
    """From the answer on, the account is in good standing. Raises OSError like `suspend`."""
    _order(cloud, "reinstate")


def _order(cloud: str, order: str) -> None:
    url = _url(cloud, f"/_sandbox/{order}")
    request = urllib.request.Request(url, data=b"", method="POST")  # noqa: S310 - a constant
    with urllib.request.urlopen(request, timeout=ORDER_SECONDS):  # noqa: S310 - a constant
        pass


def _url(cloud: str, path: str) -> str:
    return f"http://{API_ADDRESSES[cloud]}:{API_PORT}{path}"
