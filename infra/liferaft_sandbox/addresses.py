"""The address plan. Each sandbox has network namespaces of its own, so these are constants."""

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Final

APP_ZONE: Final = "chirp.test"
VAULT_BUCKET: Final = "chirp-vault"

AWS_API: Final = "192.0.2.10"
AWS_OBJECTS: Final = "192.0.2.20"
GCP_API: Final = "198.18.30.10"
GCP_OBJECTS: Final = "198.18.30.20"
HETZNER_API: Final = "198.51.100.10"
HETZNER_OBJECTS: Final = "198.51.100.20"
COLO_OBJECTS: Final = "198.18.40.20"
COLO_NETWORK: Final = "10.40.0.0/24"
COLO_MACHINES: Final = {f"198.18.40.{100 + one}": f"10.40.0.{10 + one}" for one in range(1, 5)}
"""Private address by public address of the machines that are simply there."""
RESOLVER: Final = "203.0.113.53"
NAME_SERVER: Final = "203.0.113.54"
VAULT_STORE: Final = "203.0.113.20"
DEPOT_STORE: Final = "198.18.50.20"
"""The second vault's, at a vendor who has nothing else."""
AUTHORITY: Final = "203.0.113.30"
MIRROR: Final = "203.0.113.40"
REGISTRY: Final = "203.0.113.60"
OPERATOR: Final = "198.18.20.10"
USERS: Final = "198.18.10.10"
USERS_RESOLVERS: Final = tuple(f"198.18.10.{last}" for last in range(11, 17))

API_PORT: Final = 80
OBJECTS_PORT: Final = 8443
NAME_API_PORT: Final = 8081
MIRROR_PORT: Final = 80
AUTHORITY_PORT: Final = 9443
REGISTRY_PORT: Final = 5000
REGISTRY_NAME: Final = "registry.neutral.test"

NAMES: Final = {
    "s3.aws.test": AWS_OBJECTS,
    "storage.gcp.test": GCP_OBJECTS,
    "fsn1.hetzner.test": HETZNER_OBJECTS,
    "s3.colo.test": COLO_OBJECTS,
    "objects.neutral.test": VAULT_STORE,
    "objects.depot.test": DEPOT_STORE,
    "ca.neutral.test": AUTHORITY,
    "mirror.neutral.test": MIRROR,
    REGISTRY_NAME: REGISTRY,
}
"""What the resolvers know besides the app's zone."""

AUTHORITY_URL: Final = f"https://ca.neutral.test:{AUTHORITY_PORT}/acme/lab/directory"


@dataclass(frozen=True)
class Place:
    """A network namespace behind the router: its public range and the addresses it answers at."""

    name: str
    number: int
    range: IPv4Network
    addresses: tuple[str, ...]
    """The first one is the source of what the place itself sends."""
    resolver: str
    link: IPv4Network = field(init=False)
    """Two addresses between the router (the lower) and the place."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "link", IPv4Network(f"100.64.{self.number}.0/30"))

    @property
    def router_side(self) -> IPv4Address:
        """The router's address on the link."""
        return self.link[1]

    @property
    def place_side(self) -> IPv4Address:
        """The place's address on the link."""
        return self.link[2]


PLACES: Final = {
    place.name: place
    for place in (
        Place("aws", 1, IPv4Network("192.0.2.0/24"), (AWS_API, AWS_OBJECTS), RESOLVER),
        Place(
            "hetzner", 2, IPv4Network("198.51.100.0/24"), (HETZNER_API, HETZNER_OBJECTS), RESOLVER
        ),
        Place(
            "neutral",
            3,
            IPv4Network("203.0.113.0/24"),
            (VAULT_STORE, AUTHORITY, MIRROR, REGISTRY, RESOLVER, NAME_SERVER),
            RESOLVER,
        ),
        Place("operator", 4, IPv4Network("198.18.20.0/24"), (OPERATOR,), RESOLVER),
        Place(
            "users", 5, IPv4Network("198.18.10.0/24"), (USERS, *USERS_RESOLVERS), USERS_RESOLVERS[0]
        ),
        Place("gcp", 6, IPv4Network("198.18.30.0/24"), (GCP_API, GCP_OBJECTS), RESOLVER),
        Place("colo", 7, IPv4Network("198.18.40.0/24"), (COLO_OBJECTS,), RESOLVER),
        Place("depot", 8, IPv4Network("198.18.50.0/24"), (DEPOT_STORE,), RESOLVER),
    )
}

CLOUDS: Final = ("aws", "gcp", "hetzner", "colo")
"""Places with machines of ours in them."""
API_ADDRESSES: Final = {"aws": AWS_API, "gcp": GCP_API, "hetzner": HETZNER_API}
"""Colo has no API: its machines are rented by a phone call."""
VENDORS: Final = ("neutral", "depot")
"""Places of no cloud, whose vendors answer whoever asks."""
OBJECTS_ADDRESSES: Final = {
    "aws": AWS_OBJECTS,
    "gcp": GCP_OBJECTS,
    "hetzner": HETZNER_OBJECTS,
    "colo": COLO_OBJECTS,
}

VAULT_SERVICES: Final = {"main": "vault-objects", "depot": "depot-objects"}
"""What keeps a vault, by the name that the sample has for it."""
VAULT_ADDRESSES: Final = {"main": VAULT_STORE, "depot": DEPOT_STORE}


def depot_bucket(bucket: str) -> str:
    """The second vault's bucket where the first vault's is `bucket`: another name, so that one
    taken for the other is noticed."""
    return f"{bucket}-depot"


def uplink(number: int) -> IPv4Network:
    """The link between a cloud and the private network of that number (0 to 16383) in it."""
    base = int(IPv4Address("100.65.0.0"))
    return IPv4Network((base + 4 * number, 30))
