"""A private folder for one run of the Pulumi CLI: the project's overlay, its settings, its home.

The program's own folder is only read. Secrets are in the environment of the CLI, in files of this
folder, which only its owner can read, and sealed in the stack's settings; none is an argument.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import yaml

from liferaft.failures import BadInput
from liferaft.provision.engine.contract import Request, StateLocation
from liferaft.provision.engine.faults import BadProgram
from liferaft.provision.engine.project_file import read_project
from liferaft.provision.engine.state.passphrase import Passphrase
from liferaft.provision.engine.state.stores import open_store

PROFILE: Final = "liferaft-state"
_PROGRAM: Final = "program"
_LEFT_OUT: Final = ("backend", "stackConfigDir")
"""Keys of Pulumi.yaml that the CLI is not shown: the request says where state and configuration
are."""
_AWS_FILES: Final = {"AWS_CONFIG_FILE": "config", "AWS_SHARED_CREDENTIALS_FILE": "credentials"}


@dataclass(frozen=True)
class Workspace:
    folder: Path
    environment: Mapping[str, str]
    """The whole environment of the CLI, which inherits nothing else."""


@contextmanager
def workspace(
    request: Request,
    passphrase: Passphrase,
    *,
    cli: Path,
    surroundings: Mapping[str, str],
    state: StateLocation | None = None,
) -> Iterator[Workspace]:
    """The folder exists while this is open. Raises `BadProgram` and `BadInput`.

    passphrase: the stack's, unlocked: its salt is what both engines seal with.
    state: another place than the request's, for a preview that must not write there.
    """
    with tempfile.TemporaryDirectory(prefix="liferaft-pulumi-") as name:
        folder = Path(name)
        (folder / _PROGRAM).symlink_to(request.program.resolve())
        _write(folder / "Pulumi.yaml", _project(request))
        _write(folder / f"Pulumi.{request.stack}.yaml", _settings(request, passphrase))
        given = {**surroundings, **request.environment}
        # Ours last, so that a plugin which the caller puts in front is found first.
        ours = (str(Path(sys.executable).parent), str(cli.parent))
        path = os.pathsep.join((given.get("PATH", os.defpath), *ours))
        _require_plugins(request.providers, path)
        environment = {
            **given,
            **_backend(state or request.state, folder, given),
            "PATH": path,
            "PULUMI_HOME": str(_home(folder, given)),
            "PULUMI_CONFIG_PASSPHRASE": request.passphrase,
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_PYTHON_CMD": sys.executable,
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        yield Workspace(folder, environment)


def _require_plugins(packages: Iterable[str], path: str) -> None:
    """What the embedded engine serves in its own process is a plugin here."""
    for package in packages:
        name = f"pulumi-resource-{package}"
        if shutil.which(name, path=path) is None:
            raise BadProgram(
                f"There is no provider for package {package}: no {name} on PATH.",
                safe="Nothing was touched.",
                do='Install liferaft with its scripts, or set app.engine to "embedded".',
            )


def _project(request: Request) -> dict[str, Any]:
    found = read_project(request.program)
    runtime = found.get("runtime")
    language = runtime.get("name") if isinstance(runtime, dict) else runtime
    kept = {key: value for key, value in found.items() if key not in _LEFT_OUT}
    return {
        **kept,
        "name": request.project,
        # Our own interpreter has what the program needs; a virtualenv of the project may not.
        "runtime": {"name": "python"} if language == "python" else runtime,
        "main": str(Path(_PROGRAM, found.get("main") or ".")),
    }


def _settings(request: Request, passphrase: Passphrase) -> dict[str, Any]:
    sealed = {
        key: {"secure": passphrase.seal(value)} for key, value in request.secret_config.items()
    }
    return {
        "encryptionsalt": passphrase.state,
        "config": {**request.config, **sealed},
    }


def _write(path: Path, document: Mapping[str, Any]) -> None:
    path.write_text(yaml.safe_dump(dict(document)))


def _home(folder: Path, given: Mapping[str, str]) -> Path:
    """A home of its own, but for the plugins that the operator has installed already."""
    home = folder / "home"
    home.mkdir()
    usual = Path(given.get("PULUMI_HOME") or Path(given.get("HOME", "/")) / ".pulumi")
    if (usual / "plugins").is_dir():
        (home / "plugins").symlink_to((usual / "plugins").resolve())
    return home


def _backend(state: StateLocation, folder: Path, given: Mapping[str, str]) -> dict[str, str]:
    """PULUMI_BACKEND_URL and what belongs to it. Its options are those of `stores`."""
    open_store(state)  # says what is wrong with it in our words
    url, options = urlsplit(state.url), state.options
    unknown = {"endpoint", "ca_file"} & options.keys() if url.scheme in {"gs", "azblob"} else set()
    if unknown:
        raise BadInput(
            f"The Pulumi CLI cannot reach the state at {state.url} with {', '.join(unknown)}",
            safe="Nothing was touched.",
            do='Set app.engine to "embedded".',
        )
    match url.scheme:
        case "s3":
            return _s3(state, folder, given)
        case "gs":
            # Before GOOGLE_APPLICATION_CREDENTIALS, which is the cloud's (pkg/authhelpers).
            account = Path(options["service_account_file"]).read_text()
            return {"PULUMI_BACKEND_URL": state.url, "GOOGLE_CREDENTIALS": account}
        case "azblob":
            return {
                "PULUMI_BACKEND_URL": state.url,
                "AZURE_STORAGE_ACCOUNT": options["account_name"],
                "AZURE_STORAGE_KEY": options["account_key"],
            }
    return {"PULUMI_BACKEND_URL": state.url}


def _s3(state: StateLocation, folder: Path, given: Mapping[str, str]) -> dict[str, str]:
    """The keys go into a profile of their own, named in the URL: the AWS_… variables stay those
    of the cloud, and a profile that is named goes before them. gocloud.dev/aws,
    V2ConfigFromURLParams: https://pkg.go.dev/gocloud.dev/aws"""
    options = state.options
    lines = {
        "config": [f"[profile {PROFILE}]", f"region = {options.get('region', 'us-east-1')}"],
        "credentials": [
            f"[{PROFILE}]",
            f"aws_access_key_id = {options['access_key_id']}",
            f"aws_secret_access_key = {options['secret_access_key']}",
        ],
    }
    if "ca_file" in options:
        lines["config"].append(f"ca_bundle = {Path(options['ca_file']).resolve()}")
    files = {}
    for variable, name in _AWS_FILES.items():
        usual = Path(given.get(variable) or Path(given.get("HOME", "/"), ".aws", name))
        before = usual.read_text() + "\n" if usual.is_file() else ""
        path = folder / f"aws-{name}"
        path.touch(mode=0o600)
        path.write_text(before + "\n".join(lines[name]) + "\n")
        files[variable] = str(path)
    query = {"profile": PROFILE, "region": options.get("region", "us-east-1"), "awssdk": "v2"}
    if "endpoint" in options:
        query["endpoint"] = options["endpoint"]
        # Else a variable of the cloud's would go before the URL.
        files["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true"
    if options.get("virtual_hosted_style_request") != "true":
        query["s3ForcePathStyle"] = "true"
    return {"PULUMI_BACKEND_URL": f"{state.url}?{urlencode(query)}", **files}
