"""hcloud clients for one project and location, and the polite way to call them."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import requests
from hcloud import APIException, Client
from hcloud.actions import BoundAction

from liferaft.clouds import boto_errors
from liferaft.clouds.classification import REPEATABLE, Classification, CloudFailure, seconds_away
from liferaft.clouds.contract import APP, SITE, TOKEN, Owned, Owner
from liferaft.clouds.control_plane import ControlPlane, Patience
from liferaft.clouds.credentials import need
from liferaft.clouds.hetzner import errors
from liferaft.clouds.http import Connections, tame
from liferaft.clouds.s3 import S3Account
from liferaft.clouds.timeouts import CONNECT_TIMEOUT, READ_TIMEOUT

ENDPOINT = "https://api.hetzner.cloud/v1"


class _Thread(threading.local):
    """A requests session belongs to one thread, and so does what its last answer said."""

    client: Client | None = None
    retry_after: float | None = None


@dataclass(frozen=True)
class HetznerAccess:
    """Credentials are HCLOUD_TOKEN, HETZNER_S3_ACCESS_KEY_ID, HETZNER_S3_SECRET_ACCESS_KEY and,
    where they apply, HCLOUD_ENDPOINT, HETZNER_S3_ENDPOINT, LIFERAFT_CA_FILE."""

    region: str
    credentials: Mapping[str, str] = field(repr=False)
    patience: Patience = field(default_factory=Patience)
    _thread: _Thread = field(default_factory=_Thread, repr=False)

    @cached_property
    def plane(self) -> ControlPlane:
        return ControlPlane(
            *("hetzner", errors.ERRORS, self.classify, errors.is_gone, errors.is_busy),
            self.patience,
            errors.is_taken,
        )

    @cached_property
    def s3_plane(self) -> ControlPlane:
        return boto_errors.control_plane("hetzner", self.patience)

    @property
    def client(self) -> Client:
        """This thread's client, its own retries off."""
        if self._thread.client is None:
            client = Client(
                need(self.credentials, "hetzner", "HCLOUD_TOKEN"),
                api_endpoint=self.credentials.get("HCLOUD_ENDPOINT") or ENDPOINT,
                application_name="liferaft",
                timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
            )
            transport = client._client  # noqa: SLF001  # no public way to turn retries off
            transport._retry_max_retries = 0  # noqa: SLF001  # as above
            tame(transport._session, Connections(self.credentials.get("LIFERAFT_CA_FILE")))  # noqa: SLF001  # nor to give it connections
            transport._session.hooks["response"].append(self._note_retry_after)  # noqa: SLF001  # nor to see headers
            self._thread.client = client
        return self._thread.client

    @cached_property
    def s3(self) -> S3Account:
        return S3Account(
            region=self.region,
            access_key_id=need(self.credentials, "hetzner", "HETZNER_S3_ACCESS_KEY_ID"),
            secret_access_key=need(self.credentials, "hetzner", "HETZNER_S3_SECRET_ACCESS_KEY"),
            endpoint=self.credentials.get("HETZNER_S3_ENDPOINT")
            or f"https://{self.region}.your-objectstorage.com",
            ca_file=self.credentials.get("LIFERAFT_CA_FILE"),
        )

    def classify(self, error: Exception) -> Classification:
        """As `errors.classify`, with the Retry-After of the answer, which hcloud drops."""
        answered = isinstance(error, APIException)
        wait = self._thread.retry_after if answered else None
        return replace(errors.classify(error), retry_after=wait)

    def finish(self, doing: str, action: BoundAction) -> None:
        """Waits for an action of Hetzner's; CloudFailure when it ends in an error."""

        def ended() -> Any | None:
            now = self.plane.ask(doing, lambda: self.client.actions.get_by_id(action.id))
            return None if now.status == BoundAction.STATUS_RUNNING else now

        done = self.plane.wait_for(doing, ended, seconds=self.patience.ready)
        if done.status == BoundAction.STATUS_ERROR:
            error = done.error or {}
            code = error.get("code", "action_failed")
            meaning = Classification(
                errors.verdict(code),
                code,
                error.get("message", "the action failed"),
                {"action": str(done.id), "command": done.command},
            )
            raise CloudFailure("hetzner", doing, meaning, safe=REPEATABLE)

    def _note_retry_after(self, response: requests.Response, *_: Any, **__: Any) -> None:
        said = response.headers
        self._thread.retry_after = seconds_away(said.get("Retry-After"), said.get("Date"))


class Labelled(Protocol):
    """What every row of Hetzner's has that we use."""

    id: Any
    name: Any
    labels: Any


def by_token(owner: Owner) -> str:
    """A label selector for what carries the owner's token."""
    return f"{TOKEN}=={owner.token}"


def by_app(app: str, site: str | None) -> str:
    """A label selector for what belongs to an app, at one of its sites or at all."""
    return f"{APP}=={app}" if site is None else f"{APP}=={app},{SITE}=={site}"


def owned(row: Labelled) -> Owned:
    return Owned(str(row.id), row.name, row.labels or {})


def check_ours(row: Labelled, spec: Any, owner: Owner) -> None:
    """Raises unless the row was made from this very spec for this owner."""
    owner.check("hetzner", owner.name(spec.name), str(row.id), row.labels or {}, spec)
