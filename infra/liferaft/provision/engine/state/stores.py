"""The stores that a state can rest in, by the scheme of its URL.

Everything is given explicitly: this process's AWS_…, GOOGLE_… and AZURE_… variables belong to the
cloud that the program builds on, and must have no say in where the state goes. The stores' own
retries are off: `storage` has the only ones.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, LocalStore, S3Store

from liferaft import texts
from liferaft.failures import BadInput
from liferaft.provision.engine.contract import StateLocation

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig, S3Credential

TRY_SECONDS: Final = 15
ONE_TRY: Final["RetryConfig"] = {
    "max_retries": 0,
    "retry_timeout": timedelta(seconds=TRY_SECONDS),
}


@dataclass(frozen=True)
class StoreKind:
    """One kind of store: the options it cannot do without, those it may have, how it is opened."""

    needs: frozenset[str]
    takes: frozenset[str]
    open: Callable[["Place"], "ObjectStore"]


@dataclass(frozen=True)
class Place:
    """A location taken apart; its options are known to be right."""

    bucket: str
    prefix: str
    options: Mapping[str, str]

    @property
    def client(self) -> "ClientConfig":
        """Bounded waits, and the authority to trust in addition."""
        client: ClientConfig = {
            "connect_timeout": timedelta(seconds=3),
            "timeout": timedelta(seconds=TRY_SECONDS),
            "allow_http": self.options.get("endpoint", "").startswith("http://"),
        }
        if "ca_file" in self.options:
            client["root_certificate"] = texts.read_authority(Path(self.options["ca_file"]))
        return client


def open_store(location: StateLocation) -> "ObjectStore":
    """The store. Asks nobody yet. Raises `BadInput`, naming every option that is wrong."""
    url = urlsplit(location.url)
    dialect = DIALECTS.get(url.scheme)
    if dialect is None:
        raise BadInput(
            f"The state's place {location.url} cannot be used: it is none of "
            f"{', '.join(f'{scheme}://' for scheme in DIALECTS)}"
        )
    given = {name for name, value in location.options.items() if value}
    unknown = set(location.options) - dialect.needs - dialect.takes
    faults = [f"{name} is missing" for name in sorted(dialect.needs - given)]
    faults += [f"{name} is no option of {url.scheme}://" for name in sorted(unknown)]
    if faults:
        raise BadInput(f"The state's place {location.url} cannot be used: {'; '.join(faults)}")
    try:
        return dialect.open(Place(url.netloc, url.path.strip("/"), location.options))
    except (BaseError, OSError, texts.Unreadable) as error:
        reason = str(error).partition("\n")[0][:300]
        raise BadInput(f"The state's place {location.url} cannot be used: {reason}") from error


def _folder(place: Place) -> "ObjectStore":
    return LocalStore(f"/{place.prefix}", mkdir=True)


def _s3(place: Place) -> "ObjectStore":
    options = place.options
    keys: S3Credential = {
        "access_key_id": options["access_key_id"],
        "secret_access_key": options["secret_access_key"],
        "expires_at": None,
    }
    region = options.get("region", "us-east-1")
    endpoint = options.get("endpoint", f"https://s3.{region}.amazonaws.com")
    return S3Store(
        place.bucket,
        prefix=place.prefix,
        endpoint=endpoint,
        aws_endpoint_url_s3=endpoint,
        region=region,
        virtual_hosted_style_request=options.get("virtual_hosted_style_request") == "true",
        skip_signature=False,
        disable_bulk_delete=True,  # as for vaults
        credential_provider=lambda: keys,
        client_options=place.client,
        retry_config=ONE_TRY,
    )


def _gs(place: Place) -> "ObjectStore":
    return GCSStore(
        place.bucket,
        prefix=place.prefix,
        service_account=place.options["service_account_file"],
        base_url=place.options.get("endpoint", "https://storage.googleapis.com"),
        skip_signature=False,
        client_options=place.client,
        retry_config=ONE_TRY,
    )


def _azure(place: Place) -> "ObjectStore":
    account = place.options["account_name"]
    return AzureStore(
        place.bucket,
        prefix=place.prefix,
        account_name=account,
        account_key=place.options["account_key"],
        endpoint=place.options.get("endpoint", f"https://{account}.blob.core.windows.net"),
        skip_signature=False,
        use_emulator=False,
        use_azure_cli=False,
        client_options=place.client,
        retry_config=ONE_TRY,
    )


_EVERYWHERE = frozenset({"endpoint", "ca_file"})
_OF_S3 = frozenset({"region", "virtual_hosted_style_request"})
DIALECTS: Final[Mapping[str, StoreKind]] = {
    "file": StoreKind(frozenset(), frozenset(), _folder),
    "s3": StoreKind(frozenset({"access_key_id", "secret_access_key"}), _EVERYWHERE | _OF_S3, _s3),
    "gs": StoreKind(frozenset({"service_account_file"}), _EVERYWHERE, _gs),
    "azblob": StoreKind(frozenset({"account_name", "account_key"}), _EVERYWHERE, _azure),
}
"""Every kind of store by its scheme, as the Pulumi CLI spells it."""
