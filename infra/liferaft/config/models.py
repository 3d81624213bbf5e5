"""The sections of liferaft.toml as frozen models.

A field's description says what would be valid; problems quote it to the operator.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StrictInt,
    StringConstraints,
)

from liferaft.clouds.systems import DEFAULT_SYSTEM, System
from liferaft.config.app_secrets import SecretConfig
from liferaft.config.data import DataConfig
from liferaft.config.drills import DrillConfig
from liferaft.config.fields import (
    AppName,
    Domain,
    FileReference,
    Filled,
    Name,
    Origin,
    Recipient,
    Region,
)
from liferaft.config.images import IMAGES_TOLD, Images
from liferaft.config.jobs import JobConfig
from liferaft.config.notify import NotifyConfig
from liferaft.config.section import Section
from liferaft.config.sites import ServerConfig, SiteConfig
from liferaft.config.snapshots import SnapshotsConfig
from liferaft.config.targets import TargetsConfig
from liferaft.config.urls import directory_url, health_url, is_public, plain_text
from liferaft.config.values import (
    VAULT_URL,
    existing_file,
    existing_folder,
    page_file,
    printable,
)
from liferaft.config.volumes import VolumesConfig


class AppConfig(Section):
    """The application: what it is called, how it is run and where people find it."""

    name: AppName = Field(description="lower-case letters, digits and hyphens, at most 31")
    compose: Annotated[Path, AfterValidator(existing_file)] = Field(
        default=Path("compose.yaml"),
        validate_default=True,
        description="a Compose file beside liferaft.toml",
    )
    overrides: tuple[Annotated[Path, AfterValidator(existing_file)], ...] = Field(
        default=(), description="a list of Compose files, each over those before it"
    )
    domain: Domain = Field(description="a host name, such as chirp.example")
    holding_page: Annotated[Path, AfterValidator(page_file)] | None = Field(
        default=None, description="an HTML file in UTF-8, of at most 1 MiB"
    )
    health: Annotated[str, AfterValidator(health_url)] = Field(
        description="an https URL on the domain, without a port, that answers 2xx while the app is "
        "well; characters beyond ASCII as %XX"
    )
    system: System | None = Field(
        default=None,
        description="debian-13 or debian-12; without it what the application has, "
        f"{DEFAULT_SYSTEM} if new",
    )
    starts_within: StrictInt = Field(
        default=90, ge=10, le=3600, description="seconds from 10 to 3600"
    )
    images: Images = Field(default=(), description=IMAGES_TOLD)
    unused: tuple[Filled, ...] = Field(
        default=(), description="a list of services of the Compose file that run nowhere"
    )
    project: Annotated[Path, AfterValidator(existing_folder)] = Field(
        default=Path(),
        validate_default=True,
        description="the folder that holds Pulumi.yaml",
    )
    engine: Literal["auto", "pulumi", "embedded"] = Field(
        default="auto", description="auto, pulumi (the Pulumi CLI) or embedded"
    )

    @property
    def archives(self) -> tuple[Path, ...]:
        """Those that are named, wherever the other images come from."""
        return self.images if isinstance(self.images, tuple) else ()


class VaultConfig(Section):
    """Object storage at a neutral vendor: nobody's standby."""

    url: Annotated[str, StringConstraints(pattern=VAULT_URL), AfterValidator(printable)] = Field(
        description="s3://BUCKET or file:///FOLDER"
    )
    endpoint: Origin | None = Field(
        default=None, description="the store's URL without a path, such as https://objects.example"
    )
    region: Region = Field(default="us-east-1", description="the region's name at the vendor")
    ca_file: FileReference | None = Field(
        default=None, description="a PEM file, or env/NAME of a variable that holds its path"
    )


class DnsVendorConfig(Section):
    """An octoDNS provider; every key but `class` and `minimum_ttl` is an argument of its
    constructor.

    A text `env/NAME`, however deep, is filled from the variable NAME, as in octoDNS's own files.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    class_name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$")] = (
        Field(alias="class", description="an octoDNS class, such as octodns_bind.Rfc2136Provider")
    )

    minimum_ttl: StrictInt | None = Field(
        default=None, ge=1, le=86400, description="seconds from 1 to 86400"
    )

    @property
    def options(self) -> Mapping[str, Any]:
        """The constructor's arguments as written, `env/NAME` unresolved."""
        return self.model_extra or {}


class DnsConfig(Section):
    """The zone that holds the app's domain, held at every vendor named here."""

    zone: Domain = Field(description="a zone's name without the last dot, such as chirp.example")
    ttl: StrictInt = Field(default=60, ge=10, le=86400, description="seconds from 10 to 86400")
    vendors: Mapping[Name, DnsVendorConfig] = Field(
        min_length=1, description="one table [dns.vendors.NAME] for each vendor"
    )


class TlsConfig(Section):
    """Where certificates come from. Keep it the same at all sites: it is part of their path."""

    acme_directory: Annotated[str, AfterValidator(directory_url)] = Field(
        default="https://acme-v02.api.letsencrypt.org/directory",
        description="a https URL of an ACME directory",
    )
    email: Annotated[
        str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$"), AfterValidator(plain_text)
    ] = Field(description="an address that the certificate authority may write to")
    ca_file: FileReference | None = Field(
        default=None, description="a PEM file, or env/NAME of a variable that holds its path"
    )
    acme_ca_file: FileReference | None = Field(
        default=None, description="a PEM file, or env/NAME of a variable that holds its path"
    )

    @property
    def acme_authority(self) -> str | None:
        """By what Caddy knows the server behind `acme_directory`. A private authority whose own
        certificates are its servers' needs to be named once; an API that is known to have a public
        certificate is not asked by what users of a staging authority would trust."""
        return self.acme_ca_file or (None if is_public(self.acme_directory) else self.ca_file)


class OperatorsConfig(Section):
    """Who can open the app's secrets."""

    recipients: tuple[Recipient, ...] = Field(
        min_length=1, description="a list of age public keys (age1…), or env/NAME of one"
    )


class Config(Section):
    """The whole file. Paths are absolute: they were read relative to the file's folder."""

    app: AppConfig = Field(description="a table [app]")
    vaults: Mapping[Name, VaultConfig] = Field(min_length=1, description="tables [vaults.NAME]")
    sites: Mapping[Name, SiteConfig] = Field(min_length=1, description="tables [sites.NAME]")
    servers: Mapping[Name, ServerConfig] = Field(min_length=1, description="tables [servers.GROUP]")
    data: Mapping[Name, DataConfig] = Field(default={}, description="tables [data.NAME]")
    dns: DnsConfig = Field(description="a table [dns]")
    tls: TlsConfig = Field(description="a table [tls]")
    operators: OperatorsConfig = Field(description="a table [operators]")
    snapshots: SnapshotsConfig = Field(default=SnapshotsConfig(), description="table [snapshots]")
    targets: TargetsConfig = Field(default=TargetsConfig(), description="table [targets]")
    drill: DrillConfig = Field(default=DrillConfig(), description="a table [drill]")
    notify: NotifyConfig = Field(default=NotifyConfig(), description="a table [notify]")
    jobs: Mapping[Name, JobConfig] = Field(default={}, description="tables [jobs.NAME]")
    volumes: VolumesConfig = Field(default=VolumesConfig(), description="a table [volumes]")
    secrets: Mapping[str, SecretConfig] = Field(default={}, description="tables [secrets.NAME]")
    _file: Path | None = PrivateAttr(default=None)

    def model_post_init(self, context: Any) -> None:
        self._file = (context or {}).get("file")

    @property
    def file(self) -> Path | None:
        """Where it was read, absolute; None for one that no file holds."""
        return self._file

    @property
    def system(self) -> System:
        """What servers run. Before the vault was asked: what is asked for, or the default."""
        return self.app.system or DEFAULT_SYSTEM

    def on(self, system: System) -> "Config":
        """The same, with servers that run this system."""
        return self.model_copy(update={"app": self.app.model_copy(update={"system": system})})

    @property
    def first_vault(self) -> str:
        """The name of the one that is asked first, and that has the parts which name none."""
        return next(iter(self.vaults))

    @property
    def primary(self) -> str:
        """The name of the site that is declared primary. Who really reigns, the epoch says."""
        return next(name for name, site in self.sites.items() if site.role == "primary")

    @property
    def in_buckets(self) -> tuple[str, ...]:
        """Names of the data sets that live in the site's bucket."""
        return tuple(name for name, data in self.data.items() if data.IN_BUCKET)

    @property
    def replaced_services(self) -> Mapping[str, str]:
        """By service of the Compose file: the data set that takes its place."""
        return {data.stands_for: name for name, data in self.data.items() if data.stands_for}

    @property
    def run_by_servers(self) -> Mapping[str, tuple[str, ...]]:
        """By word under `runs` that means data: names of the data sets whose program it is."""
        words = dict.fromkeys(data.RUNS for data in self.data.values() if data.RUNS)
        return {
            word: tuple(name for name, data in self.data.items() if word == data.RUNS)
            for word in words
        }
