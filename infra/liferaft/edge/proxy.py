"""Caddy on a host: configured, reloaded without dropping a connection, looked at."""

from enum import Enum
from pathlib import Path
from typing import Final

from liferaft.edge.caddyfile import PAGES, STORAGE, Edge, caddyfile, sign
from liferaft.edge.holding import MARKER_HEADER, Notice
from liferaft.failures import Failure, Own
from liferaft.remote.acts import succeeds
from liferaft.remote.contract import Host
from liferaft.remote.files import HostFile, differing, put_changed

PACKAGES: Final = ("caddy", "curl")
UNIT: Final = "caddy"
"""Its package starts it by itself."""
FIRST_LINE: Final = "# Written by liferaft."
CADDYFILE: Final = "/etc/caddy/Caddyfile"
_CANDIDATE: Final = f"{CADDYFILE}.liferaft"
_UNREAD: Final = f"{CADDYFILE}.unread"
"""An empty file that is there from before the file in use is replaced until Caddy has read it."""
_ANSWER_SECONDS: Final = 5


class EdgeInvalid(Failure):
    """Caddy on the host does not accept the configuration; the one before goes on serving."""


class Serving(Enum):
    """What somebody sees who asks this host for the domain, over TLS that holds."""

    NOTHING = "nothing"
    HOLDING = "the holding page"
    APP = "the app"


async def is_installed(host: Host, edge: Edge) -> bool:
    """Caddy is active, starts at boot, and has read its files, which are exactly this edge's."""
    asked = (
        "systemctl is-active --quiet caddy && systemctl is-enabled --quiet caddy"
        f" && test ! -e {_UNREAD}"
    )
    if not await succeeds(host, asked):
        return False
    return not await differing(host, [_configuration(edge, CADDYFILE), *_read_by_caddy(edge)])


async def is_ours(host: Host) -> bool:
    """Caddy was configured by us, for whatever edge; a new server has its package's own file."""
    said = await host.run(["cat", CADDYFILE], check=False)
    return said.text.startswith(FIRST_LINE)


async def install(host: Host, edge: Edge, *, deadline: float) -> bool:
    """Check the configuration with the host's own Caddy, then serve it. True if it changed.

    Raises EdgeInvalid with Caddy's words. The storage is made, never emptied: certificates that
    were restored there are used at once. `deadline`: seconds for the start or reload.
    """
    if await is_installed(host, edge):
        return False
    await host.run(["install", "-d", "-m", "700", "-o", "caddy", "-g", "caddy", STORAGE])
    await host.run(["install", "-d", "-m", "755", PAGES])
    await put_changed(host, [_configuration(edge, _CANDIDATE), *_read_by_caddy(edge)])
    await _validate(host)
    await host.run(f"touch {_UNREAD} && sync {_UNREAD} && mv {_CANDIDATE} {CADDYFILE}")
    serve = "systemctl enable --quiet caddy && systemctl reload-or-restart caddy"
    await host.run(f"{serve} && rm -f {_UNREAD}", deadline=deadline)
    return True


async def announce(host: Host, notice: Notice) -> None:
    """From now on this is what the holding page says, until it is withdrawn."""
    await host.run(["touch", sign(notice)])


async def announced(host: Host) -> frozenset[Notice]:
    """What the holding page says while the app is away, besides that it is."""
    listed = await host.run(f"cd {PAGES} 2>/dev/null || exit 0; find . -name '*.now'")
    names = {Path(line).stem for line in listed.text.splitlines()}
    return frozenset(notice for notice in Notice if notice in names)


async def withdraw(host: Host, *notices: Notice) -> None:
    """The move or the start is over, well or not."""
    await host.run(["rm", "-f", *map(sign, notices)])


async def serving(host: Host, edge: Edge) -> Serving:
    """What this host answers to a request for the domain; the certificate has to be right."""
    trust = f"--cacert {edge.users_root_path}" if edge.users_root_path else ""
    asked = f"""
curl --silent --show-error --max-time {_ANSWER_SECONDS} {trust} --output /dev/null \\
    --dump-header - --resolve {edge.domain}:443:127.0.0.1 https://{edge.domain}/
"""
    said = await host.run(asked, check=False)
    if said.exit_code:
        return Serving.NOTHING
    held = f"{MARKER_HEADER.lower()}:" in said.text.lower()
    return Serving.HOLDING if held else Serving.APP


async def is_serving(host: Host, edge: Edge) -> bool:
    """The app or its holding page is answered with a certificate that holds."""
    return await serving(host, edge) is not Serving.NOTHING


def _configuration(edge: Edge, path: str) -> HostFile:
    return HostFile(path, caddyfile(edge).encode())


def _read_by_caddy(edge: Edge) -> list[HostFile]:
    """The pages, and the roots by which Caddy knows its ACME server and users know Caddy."""
    files = [HostFile(path, page.encode()) for path, page in edge.pages.items()]
    roots = {edge.ca_root_path: edge.ca_root, edge.users_root_path: edge.users_root}
    files += [HostFile(path, pem.encode()) for path, pem in roots.items() if path and pem]
    return files


async def _validate(host: Host) -> None:
    """As Caddy's own user: what it opens on the way must not belong to root afterwards."""
    checked = await host.run(
        f"runuser -u caddy -- env HOME=/var/lib/caddy caddy validate --adapter caddyfile "
        f"--config {_CANDIDATE} 2>&1",
        check=False,
    )
    if checked.exit_code:
        raise EdgeInvalid(
            "Caddy on the host refuses the configuration.",
            safe=Own("What was served before is served on."),
            do="Correct what it says; the file was left beside the one in use.",
            details={"file": _CANDIDATE, "caddy": checked.text[-2000:]},
        )
