"""The SDKs' clients for one project, over one bounded HTTP session, at the given endpoints."""

import importlib
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import requests
from google.api_core.exceptions import from_http_response
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import AuthorizedSession, Request

from liferaft.clouds.gcp.key import Caller
from liferaft.clouds.gcp.tokens import Bearer
from liferaft.clouds.http import Connections, tame
from liferaft.clouds.timeouts import READ_TIMEOUT
from liferaft.failures import BadInput

if TYPE_CHECKING:
    from types import ModuleType

    from google.cloud import compute_v1, storage

COMPUTE, STORAGE = "https://compute.googleapis.com", "https://storage.googleapis.com"
POLICIES = "https://orgpolicy.googleapis.com"
_SDK = "google.cloud.compute_v1"
_UNIVERSE = "googleapis.com"
"""Google's public cloud; the SDKs would take another from the environment."""

C = TypeVar("C")


class _Of(Generic[C]):
    """A client that is made at its first use."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __set_name__(self, owner: type, attribute: str) -> None:
        self._attribute = attribute

    def __get__(self, clients: "Clients", owner: type) -> C:
        made: C = clients.compute(self._name)
        # From now on the attribute hides this.
        vars(clients)[self._attribute] = made
        return made


class Clients:
    """Starts to load the SDK of Compute Engine when it is made (seconds, and some 100 MB), in a
    thread of its own; whoever asks for a client waits for that."""

    addresses: "_Of[compute_v1.AddressesClient]" = _Of("AddressesClient")
    disks: "_Of[compute_v1.DisksClient]" = _Of("DisksClient")
    firewalls: "_Of[compute_v1.FirewallsClient]" = _Of("FirewallsClient")
    images: "_Of[compute_v1.ImagesClient]" = _Of("ImagesClient")
    instances: "_Of[compute_v1.InstancesClient]" = _Of("InstancesClient")
    machine_types: "_Of[compute_v1.MachineTypesClient]" = _Of("MachineTypesClient")
    networks: "_Of[compute_v1.NetworksClient]" = _Of("NetworksClient")
    projects: "_Of[compute_v1.ProjectsClient]" = _Of("ProjectsClient")
    regions: "_Of[compute_v1.RegionsClient]" = _Of("RegionsClient")
    subnetworks: "_Of[compute_v1.SubnetworksClient]" = _Of("SubnetworksClient")
    zones: "_Of[compute_v1.ZonesClient]" = _Of("ZonesClient")
    global_operations: "_Of[compute_v1.GlobalOperationsClient]" = _Of("GlobalOperationsClient")
    region_operations: "_Of[compute_v1.RegionOperationsClient]" = _Of("RegionOperationsClient")
    zone_operations: "_Of[compute_v1.ZoneOperationsClient]" = _Of("ZoneOperationsClient")

    def __init__(self, caller: Caller, credentials: Mapping[str, str]) -> None:
        self._caller = caller
        self._compute = _base(credentials, "COMPUTE", "/compute/v1") or COMPUTE
        self._storage = _base(credentials, "STORAGE", "/storage/v1") or STORAGE
        self._policies = _base(credentials, "ORGPOLICY", "/v2") or POLICIES
        self._ca_file = credentials.get("LIFERAFT_CA_FILE")
        loader = ThreadPoolExecutor(1, "google-cloud-compute")
        self._sdk: Future[ModuleType] = loader.submit(importlib.import_module, _SDK)
        loader.shutdown(wait=False)

    @cached_property
    def storage(self) -> "storage.Client":
        from google.cloud import storage

        client = storage.Client(
            project=self._caller.project,
            credentials=self._credentials,
            client_options={"api_endpoint": self._storage, "universe_domain": _UNIVERSE},
            _http=self._session,
        )
        # A variable would lead to this in place of the endpoint that was given.
        client._connection.API_BASE_MTLS_URL = self._storage  # noqa: SLF001  # no public way to say so
        return client

    def effective_policy(self, constraint: str) -> Mapping[str, Any]:
        """What holds of a constraint for the project. It is the one question to this API, for which
        its SDK is not loaded. Raises what the SDKs raise."""
        path = f"projects/{self._caller.project}/policies/{constraint}:getEffectivePolicy"
        answer = self._session.get(f"{self._policies}/v2/{path}", timeout=READ_TIMEOUT)
        if answer.status_code != HTTPStatus.OK:
            raise from_http_response(answer)  # type: ignore[no-untyped-call]  # it has no types
        said: Mapping[str, Any] = answer.json()
        return said

    def compute(self, name: str) -> Any:
        """A client of Compute Engine's SDK by the name of its class."""
        # An import comes to an end by itself.
        kind = getattr(self._sdk.result(), name)
        # Made by the client, the transport would look for certificates in gcloud's configuration.
        transport = kind.get_transport_class()(credentials=self._credentials, host=self._compute)
        self._tame(transport._session)  # noqa: SLF001  # no public way to give it one
        try:
            return kind(transport=transport, client_options={"universe_domain": _UNIVERSE})
        except (ValueError, GoogleAuthError) as error:
            raise BadInput(
                f"Google's SDK does not understand a variable of the environment: {error}",
                safe="Nothing was touched.",
                do="Unset the GOOGLE_API_… variable that it names.",
            ) from error

    @property
    def _credentials(self) -> Bearer:
        return self._caller.bearer

    @cached_property
    def _session(self) -> AuthorizedSession:
        session = AuthorizedSession(self._credentials)  # type: ignore[no-untyped-call]  # it has no types
        self._tame(session)
        return session

    def _tame(self, session: AuthorizedSession) -> None:
        """All sessions share the connections, those for tokens too. None sends a request twice, but
        after a 401, which did nothing: once more, with another token."""
        tame(session, self._connections)
        session.hooks["response"].append(self._look_for_refusal)
        # Public only where it is made.
        session._max_refresh_attempts = 1  # noqa: SLF001  # as said
        session._auth_request = Request(self._token_session)  # noqa: SLF001  # as said

    def _look_for_refusal(self, answer: requests.Response, *_: object, **__: object) -> None:
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            sent = answer.request.headers.get("Authorization", "")
            self._credentials.note_refusal(str(sent))

    @cached_property
    def _token_session(self) -> requests.Session:
        session = requests.Session()
        tame(session, self._connections)
        return session

    @cached_property
    def _connections(self) -> Connections:
        return Connections(self._ca_file)


def _base(credentials: Mapping[str, str], service: str, path: str) -> str | None:
    """An endpoint as gcloud spells it, without the path that the SDKs put behind it."""
    given = credentials.get(f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{service}")
    return given.rstrip("/").removesuffix(path) if given else None
