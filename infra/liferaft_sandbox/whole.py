"""One sandbox, from the inside: places, services, clouds and control planes, brought up whole."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from liferaft_sandbox import addresses
from liferaft_sandbox.addresses import (
    CLOUDS,
    PLACES,
    RESOLVER,
    VAULT_ADDRESSES,
    VAULT_SERVICES,
)
from liferaft_sandbox.clouds import colo, control_processes
from liferaft_sandbox.credentials import (
    GCP_TOKENS,
    Credentials,
    KeyFiles,
    operator_environment,
)
from liferaft_sandbox.failures import SandboxFailed
from liferaft_sandbox.lab import distance
from liferaft_sandbox.lab.asleep import Sleeper
from liferaft_sandbox.lab.cloud import Cloud, Places
from liferaft_sandbox.lab.places import build_places, resolver_file, wire_to
from liferaft_sandbox.lab.programs import run
from liferaft_sandbox.lab.systems import system_named
from liferaft_sandbox.lab.traffic import Counters, cut_rules, read_counters, uncut_rules
from liferaft_sandbox.state import DEVICE_NODES, State
from liferaft_sandbox.vendors import acme, names, packages, registry, stores
from liferaft_sandbox.vendors.certificates import Authority
from liferaft_sandbox.vendors.fronts import ACCESS_LOG
from liferaft_sandbox.vendors.running import NOT_YET, Vendors
from liferaft_sandbox.vendors.services import Programs


@dataclass(frozen=True)
class Plan:
    """What a lab is made of, decided by the process that starts it."""

    system: str
    """What its hosts run."""
    host_image: str
    vendors_image: str
    packages: str
    """What the package mirror serves."""
    weed: str
    versitygw: str
    control_planes: Mapping[str, str]
    """Module by cloud."""
    group: str
    """Name of the sandbox's control group."""
    latency: float = 0.0
    """Seconds of the round trip between any two places; 0 for what the machine has."""

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
        self.credentials = Credentials()
        programs = Programs(
            *map(Path, (plan.vendors_image, plan.weed, plan.versitygw, plan.packages))
        )
        self.vendors = Vendors(state, programs)
        group = Path("/sys/fs/cgroup") / plan.group / "hosts"
        self.clouds = {
            cloud: Cloud(
                cloud,
                Places(
                    image=Path(plan.host_image),
                    system=plan.system,
                    hosts=state.hosts / cloud,
                    disks=state.disks / cloud,
                    images=state.images / cloud,
                    nodes=DEVICE_NODES / cloud,
                    group=group / cloud,
                ),
            )
            for cloud in CLOUDS
        }
        wake_objects = partial(self.vendors.revive, "colo-objects")
        self.colo = colo.Colo(
            self.clouds["colo"],
            colo.rented(),
            self.credentials.ssh,
            objects=Sleeper(PLACES["colo"], addresses.COLO_OBJECTS, wake_objects),
        )

    def bring_up(self, say: Callable[[str], None]) -> None:
        """Everything healthy, and its facts written, when this returns.

        Raises NotReadyInTime naming what did not answer, SandboxFailed when something broke.
        """
        began = time.monotonic()
        state = self._state
        for folder in (state.hosts, state.logs, state.services, state.keys):
            folder.mkdir(mode=0o700)
        build_places()
        self._place_apart()
        for name, resolver in (
            *((place.name, place.resolver) for place in PLACES.values()),
            ("router", RESOLVER),
        ):
            lines = f"nameserver {resolver}\noptions timeout:2 attempts:3\n"
            state.resolver(name).write_text(lines)
        run("mount", "--bind", str(state.resolver("router")), str(resolver_file()))
        say("places: linked")
        for cloud, module in self._plan.control_planes.items():
            process = control_processes.start(cloud, module, state, self.credentials)
            probe = partial(control_processes.probe, cloud)
            self.vendors.adopt(f"{cloud}-control", process, probe)
        self._start_neutral()
        self._start_stores()
        self.colo.install()
        self.vendors.await_health(say)
        self._write_facts(time.monotonic() - began)

    def _place_apart(self) -> None:
        if self._plan.latency:
            wires, log = map(wire_to, PLACES.values()), self._state.logs / "distance.log"
            process = distance.place_apart(wires, self._plan.latency, log)
            self.vendors.adopt("distance", process, distance.probe)

    def _start_neutral(self) -> None:
        key, vendors = self.credentials.powerdns_key, self.vendors
        names.create_database(vendors.programs.tree, self._state.services / "powerdns")
        vendors.add(names.authoritative(key), partial(names.create_zone, key))
        vendors.add(
            names.resolver("resolver", "neutral", RESOLVER, negative_ttl=1),
            partial(names.probe, RESOLVER),
        )
        for number, address in enumerate(addresses.USERS_RESOLVERS, 1):
            vendors.add(
                names.resolver(
                    f"users-resolver-{number}", "users", address, negative_ttl=names.NEGATIVE_TTL
                ),
                partial(names.probe, address),
            )
        vendors.add(acme.authority(), partial(acme.probe, self._state.services / "authority"))
        suite = system_named(self._plan.system).suite
        vendors.add(packages.mirror(RESOLVER), partial(packages.probe, suite))

    def _start_stores(self) -> None:
        stores_file, depot_file = self._state.stores_authority, self._state.depot_authority
        authorities = {
            stores_file: Authority("Sandbox object stores"),
            depot_file: Authority("Sandbox depot"),
        }
        for ca_file, authority in authorities.items():
            ca_file.write_bytes(authority.root())
        registry.prepare(self._state.services, authorities[stores_file])
        self.vendors.add(registry.registry(), partial(registry.probe, stores_file))
        for store in stores.stores(self.credentials):
            service, ca_file = store.service(), self._ca_file(store)
            folder = self._state.services / service.name
            stores.certify(store.dns_name, folder, authorities[ca_file])
            probe = partial(stores.probe, store, ca_file)
            if store.place == "colo":
                self.vendors.know(service, probe)
            else:
                self.vendors.add(service, probe)

    def _ca_file(self, store: stores.Store) -> Path:
        """Who signed that store's certificate. The second vault's vendor knows nobody else's."""
        state = self._state
        return state.depot_authority if store.place == "depot" else state.stores_authority

    def _write_facts(self, seconds: float) -> None:
        state, keys = self._state, self._state.keys
        files = KeyFiles(
            ca=keys / "ca.pem",
            depot_ca=state.depot_authority,
            identity=keys / "operator-identity.txt",
            ssh=keys / "operator-ssh",
            google=keys / "google.json",
        )
        acme_root = acme.root(state.services / "authority")
        files.ca.write_bytes(state.stores_authority.read_bytes() + acme_root)
        _write_secret(files.identity, f"{self.credentials.identity}\n")
        _write_secret(files.ssh, self.credentials.ssh.private)
        google = control_processes.google_seed(self.credentials, state.stores_authority)
        _write_secret(files.google, google.service_account_json(GCP_TOKENS))
        environments = {
            "operator": operator_environment(self.credentials, files) | self.colo.host_keys(),
            "users": {"LIFERAFT_CA_FILE": str(files.ca)},
        }
        for place in PLACES:
            variables = {**environments.get(place, {}), "LIFERAFT_SANDBOX": state.name}
            _write_secret(state.environment(place), json.dumps(variables))
        facts = {
            "name": state.name,
            "system": self._plan.system,
            "up_seconds": round(seconds, 2),
            "latency_ms": self._plan.latency * 1000,
            "ca_file": str(files.ca),
            "age_recipient": str(self.credentials.identity.to_public()),
            "names": dict(addresses.NAMES),
            "apis": dict(addresses.API_ADDRESSES),
            "resolvers": list(addresses.USERS_RESOLVERS),
            "acme_directory": addresses.AUTHORITY_URL,
            "services": list(self.vendors.names),
            "vaults": dict(VAULT_SERVICES),
            "inventory": {"colo": self.colo.inventory()},
            "access_logs": {cloud: str(state.access_log(cloud)) for cloud in self._with_api},
            "store_access_logs": {
                store.owner: str(state.services / store.name / ACCESS_LOG)
                for store in stores.stores(self.credentials)
            },
            "logs": str(state.logs),
        }
        partial_file = state.facts.with_suffix(".partial")
        partial_file.write_text(json.dumps(facts, indent=2))
        partial_file.rename(state.facts)

    @property
    def _with_api(self) -> tuple[str, ...]:
        return tuple(self._plan.control_planes)

    def terminate(self, cloud: str) -> None:
        """The vendor drops its customer; counters begin anew.

        The account is suspended, the network cut, and hosts run on behind the cut. Colo has no
        account: it cuts the network and takes its machines back, with everything on them.
        Raises SandboxFailed when the control plane does not confirm: then nothing is cut.
        """
        if cloud in self._with_api:
            self._tell(cloud, control_processes.suspend)
        run("nft", "-f", "-", given=cut_rules(PLACES[cloud].range))
        if cloud == "colo":
            self.colo.destroy()
        run("nft", "reset", "counters", "table", "ip", "lab")

    def reinstate(self, cloud: str) -> None:
        """The inverse; nothing happens at a cloud in good standing. Colo installs machines anew."""
        if cloud in self._with_api:
            self._tell(cloud, control_processes.reinstate)
        run("nft", "-f", "-", given=uncut_rules(PLACES[cloud].range))
        if cloud == "colo":
            self.colo.install()

    def kill(self, service: str) -> None:
        """A service dies, or what keeps the vault of that name."""
        self.vendors.kill(VAULT_SERVICES.get(service, service))

    def revive(self, service: str) -> None:
        """The inverse; it is healthy when this returns."""
        self.vendors.revive(VAULT_SERVICES.get(service, service))

    def cut(self, vault: str) -> None:
        """Whatever is sent to that vault's store, or by it, is lost: it is silent to everybody."""
        run("nft", "-f", "-", given=cut_rules(VAULT_ADDRESSES[vault]))

    def mend(self, vault: str) -> None:
        """The inverse; nothing happens where there is no cut."""
        run("nft", "-f", "-", given=uncut_rules(VAULT_ADDRESSES[vault]))

    def make_bucket(self, name: str) -> None:
        """A bucket at the first vault's store, and its like at the second's, where they are not
        there. Raises SandboxFailed."""
        for vault in stores.vaults(self.credentials, name):
            try:
                stores.probe(vault, self._ca_file(vault))
            except NOT_YET as error:
                raise SandboxFailed(f"No bucket {vault.bucket} could be made: {error}.") from error

    def _tell(self, cloud: str, change: Callable[[str], None]) -> None:
        try:
            change(cloud)
        except OSError as error:
            raise SandboxFailed(
                f"{cloud}'s control plane did not confirm: {error}.",
                details={"log": str(self._state.logs / f"{cloud}-control.log")},
            ) from error

    def counters(self) -> Counters:
        """What was sent towards each cloud since the start, or since the last `terminate`."""
        return read_counters(run("nft", "--json", "list", "counters", "table", "ip", "lab"))


def _write_secret(path: Path, content: str) -> None:
    path.touch(mode=0o600)
    path.write_text(content)
