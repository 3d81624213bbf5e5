"""One project and region of Google's, and the polite way to call it."""

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from google.api_core.exceptions import GoogleAPICallError, NotFound

from liferaft.clouds.contract import APP, SITE, TOKEN, Owner
from liferaft.clouds.control_plane import ControlPlane, Patience
from liferaft.clouds.gcp.clients import Clients
from liferaft.clouds.gcp.errors import (
    ERRORS,
    OperationFailed,
    classify,
    is_busy,
    is_gone,
    is_not_ready,
    is_taken,
)
from liferaft.clouds.gcp.key import Caller
from liferaft.clouds.timeouts import READ_TIMEOUT

if TYPE_CHECKING:
    from google.cloud.compute_v1.types import Operation

T = TypeVar("T")

_DONE = "DONE"


@dataclass(frozen=True)
class GcpAccess:
    """Credentials are GOOGLE_APPLICATION_CREDENTIALS (the path of a JSON file that says who calls)
    and, where they apply, GOOGLE_CLOUD_PROJECT, CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE, CLOUDSDK_API_ENDPOINT_OVERRIDES_ORGPOLICY,
    GCS_S3_ENDPOINT, LIFERAFT_CA_FILE."""

    region: str
    credentials: Mapping[str, str] = field(repr=False)
    patience: Patience = field(default_factory=Patience)

    @cached_property
    def caller(self) -> Caller:
        return Caller.read(self.credentials)

    @property
    def project(self) -> str:
        return self.caller.project

    @cached_property
    def clients(self) -> Clients:
        return Clients(self.caller, self.credentials)

    @cached_property
    def plane(self) -> ControlPlane:
        return ControlPlane("gcp", ERRORS, classify, is_gone, is_busy, self.patience, is_taken)

    def link(self, path: str) -> str:
        """How the API refers to something in this project: `global/networks/name`."""
        return f"projects/{self.project}/{path}"

    def call(self, method: Callable[..., T], **fields: Any) -> T:
        """One call about this project, the SDK's own retries off. Raises what the SDK raises."""
        return method(request={"project": self.project} | fields, retry=None, timeout=READ_TIMEOUT)

    def find(self, method: Callable[..., T], **fields: Any) -> T | None:
        """As `call`, but None for what is not there."""
        try:
            return self.call(method, **fields)
        except NotFound as error:
            if is_gone(classify(error).code):
                return None
            raise

    def change(
        self,
        doing: str,
        method: Callable[..., "Operation"],
        *,
        seconds: float | None = None,
        **fields: Any,
    ) -> Callable[[], None]:
        """A call that changes something and waits until its operation has ended, at most `seconds`
        (default: until something is `ready`). Raises OperationFailed and what the SDK raises.

        However often it is called, it starts one operation, until one has failed: Google answers
        a request id that it knows with the operation that it started then. The id lives no longer
        than the callable, since Google would do so for a thing that was deleted meanwhile, too; a
        later run finds what this one made by its name.
        """
        ident = uuid.uuid4()

        wait = seconds or self.patience.ready

        def begin() -> "Operation | None":
            try:
                return self.call(method, request_id=str(ident), **fields)
            except GoogleAPICallError as error:
                if is_not_ready(classify(error).code):
                    return None
                raise

        def call() -> None:
            nonlocal ident
            try:
                # An operation of an earlier attempt, or another's, may run on what it is about.
                started = self.plane.wait_for(f"{doing} to begin", begin, seconds=wait)
                self._end(doing, started, wait)
            except OperationFailed:
                ident = uuid.uuid4()
                raise

        return call

    def make(
        self,
        doing: str,
        find: Callable[[], T | None],
        method: Callable[..., "Operation"],
        **fields: Any,
    ) -> T:
        """What `find` sees, else what `method` makes of `fields`; Google refuses a second thing
        of the same name."""
        insert = self.change(doing, method, **fields)

        def create() -> T:
            insert()
            return self.plane.wait_for(f"{doing} to show", find, seconds=self.patience.ready)

        return self.plane.create_once(doing, find, create)

    def _end(self, doing: str, started: "Operation", seconds: float) -> None:
        """The SDK's own waiting would ask the public endpoint, whichever one was configured."""
        ended = started
        if started.status.name != _DONE:
            ended = self.plane.wait_for(
                f"the end of {doing}",
                lambda: self._ended(doing, started),
                seconds=seconds,
            )
        if ended.error.errors:
            raise OperationFailed.of(ended)

    def _ended(self, doing: str, started: "Operation") -> "Operation | None":
        clients = self.clients
        where: dict[str, str] = {}
        ask: Callable[..., Operation] = clients.global_operations.get
        if started.zone:
            ask, where = clients.zone_operations.get, {"zone": last(started.zone)}
        elif started.region:
            ask, where = clients.region_operations.get, {"region": last(started.region)}
        now = self.plane.ask(
            f"asking how {doing} goes", lambda: self.call(ask, operation=started.name, **where)
        )
        return now if now.status.name == _DONE else None


def name_of(spec: Any, owner: Owner) -> str:
    """The owner's name for it, which at Google begins with a letter."""
    name = owner.name(spec.name)
    return name if name[0].isalpha() else replace(owner, app=f"x{owner.app}").name(spec.name)


def last(url: str) -> str:
    """The name at the end of a link."""
    return url.rpartition("/")[2]


def described(spec: Any, owner: Owner, **more: str) -> str:
    """Our labels as a description, for kinds that take no labels in the call that creates them."""
    return json.dumps({**owner.labels(spec), **more}, sort_keys=True)


def labels_in(description: str) -> dict[str, str]:
    """The inverse of `described`; empty for what is not ours."""
    try:
        said = json.loads(description)
    except ValueError:
        return {}
    return said if isinstance(said, dict) and TOKEN in said else {}


def belongs_to(labels: Mapping[str, str], app: str, site: str | None) -> bool:
    return labels.get(APP) == app and site in (None, labels.get(SITE))


def by_app(app: str, site: str | None) -> str:
    """A filter for what belongs to an app, at one of its sites or at all. Of several expressions
    each is in parentheses. https://cloud.google.com/compute/docs/reference/rest/v1/instances/list
    """
    of_app = f'labels.{APP} = "{app}"'
    return of_app if site is None else f'({of_app}) AND (labels.{SITE} = "{site}")'


def check_ours(labels: Mapping[str, str], ident: str, spec: Any, owner: Owner) -> None:
    """Raises unless it was made from this very spec for this owner."""
    owner.check("gcp", name_of(spec, owner), ident, labels, spec)


def in_region(rows: Iterable[T], region: str, zone: Callable[[T], str]) -> list[T]:
    """Those in a zone of the region: europe-west3-a is one of europe-west3."""
    return [row for row in rows if last(zone(row)).rpartition("-")[0] == region]
