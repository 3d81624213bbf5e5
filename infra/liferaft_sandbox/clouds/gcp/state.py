"""What one project holds: resources as the API shows them, by path."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import secrets
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.gcp.errors import ApiError, not_found, not_ready
from liferaft_sandbox.clouds.gcp.links import link, path_of
from liferaft_sandbox.clouds.gcp.operations import Operations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from liferaft_sandbox.clouds.gcp.seed import Seed

FIRST_ADDRESS = ipaddress.IPv4Address("198.18.30.100")
LAST_ADDRESS = ipaddress.IPv4Address("198.18.30.254")
_NOT_A_USE = frozenset({"selfLink", "users", "subnetworks", "sourceDisk", "sourceImage"})

Resource = dict[str, Any]


class State:
    """Everything of Compute Engine in the project. Callers hold a lock."""

    def __init__(self, seed: Seed) -> None:
        self.project = seed.project
        self.number = seed.project_number
        self.metadata: Resource = {"kind": "compute#metadata", "fingerprint": fingerprint([])}
        """The project's common instance metadata."""
        self.resources: dict[str, Resource] = {}
        self.operations = Operations(new_id)
        self.requests: dict[tuple[str, ...], str] = {}
        """Operation paths by what asked for them and its requestId."""
        self.image_machines: dict[str, str] = {}
        """Which machine's root an image was made of, by the image's path."""
        self.stockouts: set[tuple[str, str]] = set()
        """Zone and machine type without room: what the lab told."""
        self.constraints: dict[str, Resource] = {}
        """By constraint, the rule that the lab has put on the project."""
        self.machines: Mapping[str, str] = {}
        """The supervisor's word on each machine, as of this request."""
        self._address = LAST_ADDRESS

    @property
    def base(self) -> str:
        return f"projects/{self.project}"

    @property
    def service_account(self) -> str:
        """Whose email an instance has that asks for the account `default`."""
        return f"{self.number}-compute@developer.gserviceaccount.com"

    def get(self, path: str) -> Resource:
        """The resource, by its name or its number; raises ApiError when there is none."""
        if path in self.resources:
            return self.resources[path]
        collection, _, key = path.rpartition("/")
        if key.isdecimal():
            for resource in self.of(collection):
                if resource["id"] == key:
                    return resource
        raise not_found(path)

    def settled(self, path: str) -> Resource:
        """The resource, once the operation that inserts it is done; raises ApiError before."""
        resource = self.get(path)
        if self.operations.is_busy(path_of(resource["selfLink"]), "insert"):
            raise not_ready(path)
        return resource

    def of(self, collection: str) -> list[Resource]:
        """The resources right in a collection (projects/P/zones/Z/instances), by name."""
        found = [self.resources[path] for path in self.resources if _parent(path) == collection]
        return sorted(found, key=lambda resource: str(resource["name"]))

    def all(self, kind: str) -> list[Resource]:
        """Every resource of a kind (like instances), wherever it is."""
        return [r for path, r in self.resources.items() if _parent(path).endswith(f"/{kind}")]

    def referrer(self, path: str) -> str | None:
        """The path of something that names the resource in one of its fields."""
        url = link(path)
        for other, resource in self.resources.items():
            if other != path and url in _links(resource):
                return other
        return None

    def free_address(self) -> str:
        """A public IPv4 address; freed ones are not handed out again at once."""
        taken = self.taken_addresses()
        candidate = self._address
        for _ in range(int(LAST_ADDRESS) - int(FIRST_ADDRESS) + 1):
            candidate = FIRST_ADDRESS if candidate == LAST_ADDRESS else candidate + 1
            if str(candidate) not in taken:
                self._address = candidate
                return str(candidate)
        raise ApiError(503, "resourcesExhausted", "The sandbox has no public address left.")

    def taken_addresses(self) -> set[str]:
        """Public addresses that are reserved or worn by an instance."""
        reserved = {address["address"] for address in self.all("addresses")}
        worn = {
            config["natIP"]
            for instance in self.all("instances")
            for config in access_configs(instance)
            if "natIP" in config
        }
        return reserved | worn

    def wearer(self, ip: str) -> str | None:
        """The path of the instance that has that public address."""
        for instance in self.all("instances"):
            if any(config.get("natIP") == ip for config in access_configs(instance)):
                return path_of(instance["selfLink"])
        return None

    def reserved(self, ip: str) -> Resource | None:
        """The static external address with that IP."""
        for address in self.all("addresses"):
            if address["address"] == ip and address["addressType"] == "EXTERNAL":
                return address
        return None


def new_id() -> str:
    """A resource's number: 19 digits, like Google's."""
    return str(10**18 + secrets.randbelow(8 * 10**18))


def fingerprint(content: object) -> str:
    """Changes whenever the content does.

    In the alphabet that is safe in URLs: gcloud reads it as bytes, and writes it so again.
    """
    said = json.dumps(content, sort_keys=True).encode()
    return base64.urlsafe_b64encode(hashlib.sha256(said).digest()[:8]).decode()


def access_configs(instance: Resource) -> list[Resource]:
    """Of all interfaces."""
    return [
        config
        for interface in instance["networkInterfaces"]
        for config in interface.get("accessConfigs", [])
    ]


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _links(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _links(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in _NOT_A_USE:
                yield from _links(item)
