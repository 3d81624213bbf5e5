"""The registry of container images: Debian's `docker-registry`, which whoever reaches it reads and
writes. It stands for Docker Hub as well: names without a registry lead to it, below `docker.io/`.
"""

import shutil
import ssl
import urllib.request
from pathlib import Path

from liferaft_sandbox.addresses import REGISTRY, REGISTRY_NAME, REGISTRY_PORT, RESOLVER
from liferaft_sandbox.lab.programs import run
from liferaft_sandbox.vendors.certificates import Authority
from liferaft_sandbox.vendors.services import Service
from liferaft_sandbox.vendors.stores import certify

NAME = "registry"
PROBE_SECONDS = 3.0
HOST = f"{REGISTRY_NAME}:{REGISTRY_PORT}"
TOOLS = Path("/etc/containers")
"""What skopeo and podman of the machine go by."""
CONFIG = f"""\
version: 0.1
log: {{level: warn}}
storage:
  filesystem: {{rootdirectory: /data/images}}
  delete: {{enabled: true}}
http:
  addr: {REGISTRY}:{REGISTRY_PORT}
  tls: {{certificate: /data/cert.pem, key: /data/key.pem}}
"""
MIRROR = f"""\
[[registry]]
prefix = "docker.io"
location = "{HOST}/docker.io"
"""


def registry() -> Service:
    """Its folder needs what `prepare` puts there."""
    return Service(
        name=NAME,
        place="neutral",
        argv=("/usr/bin/docker-registry", "serve", "/data/config.yml"),
        resolver=RESOLVER,
        files={"config.yml": CONFIG.encode()},
    )


def probe(ca_file: Path) -> None:
    """Ask for its version over TLS. Raises OSError while there is no answer."""
    trust = ssl.create_default_context(cafile=str(ca_file))
    with urllib.request.urlopen(f"https://{HOST}/v2/", timeout=PROBE_SECONDS, context=trust):
        pass


def prepare(services: Path, authority: Authority) -> None:
    """Its certificate is in its folder below `services`. Inside this sandbox the machine's own
    tools trust it, and find Docker Hub there; nothing of that on a machine that has none of them.
    """
    certify(REGISTRY_NAME, services / NAME, authority)
    if not TOOLS.is_dir():
        return
    view = services / "containers"
    shutil.copytree(TOOLS, view)
    trusted, mirrors = view / "certs.d" / HOST, view / "registries.conf.d"
    trusted.mkdir(parents=True)
    mirrors.mkdir(exist_ok=True)
    (trusted / "ca.crt").write_bytes(authority.root())
    (mirrors / "sandbox.conf").write_text(MIRROR)
    run("mount", "--bind", str(view), str(TOOLS))
