"""One sandbox, from the inside: places, services, clouds and control planes, brought up whole."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import botocore.exceptions
import dns.exception

from liferaft.sandbox import acme, addresses, control_processes, names, stores
from liferaft.sandbox.addresses import CLOUDS, HETZNER_OBJECTS, RESOLVER, VAULT_STORE
from liferaft.sandbox.certificates import Authority
from liferaft.sandbox.cloud import Cloud
from liferaft.sandbox.credentials import Credentials, operator_environment
from liferaft.sandbox.failures import NotReadyInTime, SandboxFailed
from liferaft.sandbox.places import build_places, resolver_file
from liferaft.sandbox.programs import run
from liferaft.sandbox.services import Programs, Service, start
from liferaft.sandbox.state import State
from liferaft.sandbox.traffic import Counters, cut_rules, read_counters

if TYPE_CHECKING:
    from subprocess import Popen

NOT_YET = (OSError, dns.exception.DNSException, botocore.exceptions.BotoCoreError)
READY_SECONDS = 60.0
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Plan:
    """What a lab is made of, decided by the process that starts it."""

    host_image: str
    vendors_image: str
    weed: str
    control_planes: Mapping[str, str]
    """Module by cloud."""
    group: str
    """Name of the sandbox's control group."""

    @classmethod
    def read(cls, path: Path) -> "Plan":
        """The inverse of `write`."""
        return cls(**json.loads(path.read_text()))

    def write(self, path: Path) -> None:
        """As JSON; holds no secrets."""
        path.write_text(json.dumps(asdict(self)))


class Lab:
    """The running lab. Everything in it ends with the process that made it."""

    def __init__(self, state: State, plan: Plan) -> None:
        self._state = state
        self._plan = plan
        self._programs = Programs(Path(plan.vendors_image), Path(plan.weed))
        self._running: dict[str, Popen[bytes]] = {}
        group = Path("/sys/fs/cgroup") / plan.group / "hosts"
        self.clouds = {
            cloud: Cloud(
                cloud,
                image=Path(plan.host_image),
                folder=state.hosts / cloud,
                group=group / cloud,
            )
            for cloud in CLOUDS
        }

    def bring_up(self, say: Callable[[str], None]) -> None:
        """Everything healthy, and its facts written, when this returns.

        Raises NotReadyInTime naming what did not answer, SandboxFailed when something broke.
        """
        began = time.monotonic()
        state = self._state
        for folder in (state.hosts, state.logs, state.services, state.keys):
            folder.mkdir(mode=0o700)
        build_places()
        for name, resolver in (
            *((place.name, place.resolver) for place in addresses.PLACES.values()),
            ("router", RESOLVER),
        ):
            lines = f"nameserver {resolver}\noptions timeout:2 attempts:3\n"
            state.resolver(name).write_text(lines)
        run("mount", "--bind", str(state.resolver("router")), str(resolver_file()))
        say("places: linked")
        credentials = Credentials()
        for cloud, module in self._plan.control_planes.items():
            self._running[f"{cloud}-control"] = control_processes.start(
                cloud, module, state, credentials
            )
        probes = self._start_services(credentials)
        for cloud in self._plan.control_planes:
            probes[f"{cloud}-control"] = _bound(control_processes.probe, cloud)
        self._wait(probes, say)
        self._write_facts(credentials, time.monotonic() - began)

    def _start_services(self, credentials: Credentials) -> dict[str, Callable[[], None]]:
        """Start all; return what says whether each is healthy, in the order of being asked."""
        state = self._state
        authority = Authority("Sandbox object stores")
        ca_file = state.keys / "stores.pem"
        ca_file.write_bytes(authority.root())
        probes: dict[str, Callable[[], None]] = {}

        names.create_database(self._programs.tree, state.services / "powerdns")
        self._start(names.authoritative(credentials.powerdns_key))
        probes["powerdns"] = _bound(names.create_zone, credentials.powerdns_key)
        self._start(names.resolver("resolver", "neutral", RESOLVER, negative_ttl=1))
        probes["resolver"] = _bound(names.probe, RESOLVER)
        for number, address in enumerate(addresses.USERS_RESOLVERS, 1):
            name = f"users-resolver-{number}"
            self._start(names.resolver(name, "users", address, negative_ttl=names.NEGATIVE_TTL))
            probes[name] = _bound(names.probe, address)

        self._start(acme.authority())
        probes["authority"] = _bound(acme.probe, state.services / "authority")

        for name, place, address, dns_name, keys, bucket in (
            ("aws-objects", "aws", addresses.AWS_OBJECTS, "s3.aws.test", credentials.aws, None),
            (
                *("hetzner-objects", "hetzner", HETZNER_OBJECTS, "fsn1.hetzner.test"),
                *(credentials.hetzner_objects, None),
            ),
            (
                *("vault-objects", "neutral", VAULT_STORE, "objects.neutral.test"),
                *(credentials.vault, addresses.VAULT_BUCKET),
            ),
        ):
            stores.certify(dns_name, state.services / name, authority)
            self._start(stores.store(name, place, address, keys))
            probes[name] = _bound(stores.probe, dns_name, keys, ca_file, bucket)
        return probes

    def _start(self, service: Service) -> None:
        self._running[service.name] = start(
            service,
            self._programs,
            folder=self._state.services / service.name,
            log=self._state.logs / f"{service.name}.log",
        )

    def _wait(self, probes: Mapping[str, Callable[[], None]], say: Callable[[str], None]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        for name, probe in probes.items():
            while True:
                self._is_alive(name)
                try:
                    probe()
                    break
                except NOT_YET as error:
                    if time.monotonic() > deadline:
                        raise NotReadyInTime(
                            f"{name} was not healthy within {READY_SECONDS:.0f} s.",
                            details={"last answer": str(error), "log": self._log(name)},
                        ) from error
                    time.sleep(POLL_SECONDS)
            say(f"{name}: healthy")

    def _is_alive(self, name: str) -> None:
        ended = self._running[name].poll()
        if ended is not None:
            raise SandboxFailed(
                f"{name} ended with {ended} while starting.", details={"log": self._log(name)}
            )

    def _log(self, name: str) -> str:
        said = (self._state.logs / f"{name}.log").read_text(errors="replace")
        return "\n".join(said.splitlines()[-15:])

    def _write_facts(self, credentials: Credentials, seconds: float) -> None:
        state = self._state
        ca_file = state.keys / "ca.pem"
        acme_root = acme.root(state.services / "authority")
        ca_file.write_bytes((state.keys / "stores.pem").read_bytes() + acme_root)
        identity = state.keys / "operator-identity.txt"
        environments = {
            "operator": operator_environment(credentials, ca_file=ca_file, identity_file=identity),
            "users": {"LIFERAFT_CA_FILE": str(ca_file)},
        }
        for place in addresses.PLACES:
            variables = {**environments.get(place, {}), "LIFERAFT_SANDBOX": state.name}
            _write_secret(state.environment(place), json.dumps(variables))
        _write_secret(identity, f"{credentials.identity}\n")
        facts = {
            "name": state.name,
            "up_seconds": round(seconds, 2),
            "ca_file": str(ca_file),
            "age_recipient": str(credentials.identity.to_public()),
            "names": dict(addresses.NAMES),
            "apis": dict(addresses.API_ADDRESSES),
            "resolvers": list(addresses.USERS_RESOLVERS),
            "acme_directory": addresses.AUTHORITY_URL,
            "access_logs": {cloud: str(state.access_log(cloud)) for cloud in CLOUDS},
            "logs": str(state.logs),
        }
        partial = state.facts.with_suffix(".partial")
        partial.write_text(json.dumps(facts, indent=2))
        partial.rename(state.facts)

    def terminate(self, cloud: str) -> None:
        """Suspend the account, cut the network, begin counting anew; hosts run on behind the cut.

        Raises SandboxFailed when the control plane does not confirm: then nothing is cut.
        """
        try:
            control_processes.suspend(cloud)
        except OSError as error:
            raise SandboxFailed(
                f"{cloud} could not be told to suspend the account: {error}."
            ) from error
        run("nft", "-f", "-", given=cut_rules(cloud))
        run("nft", "reset", "counters", "table", "ip", "lab")

    def counters(self) -> Counters:
        """What was sent towards each cloud since the start, or since the last `terminate`."""
        return read_counters(run("nft", "--json", "list", "counters", "table", "ip", "lab"))


def _bound(probe: Callable[..., None], *arguments: object) -> Callable[[], None]:
    def bound() -> None:
        probe(*arguments)

    return bound


def _write_secret(path: Path, content: str) -> None:
    path.touch(mode=0o600)
    path.write_text(content)
