"""podman, and the program of ours that puts one workload in the place of another."""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from typing import Any

import yaml
from tests.models.call import Call
from tests.models.machine import Unit, program
from tests.models.programs.services import start

from liferaft.hosts.jobrunning.order import DONE
from liferaft.hosts.switching.containers import SEEN
from liferaft.hosts.switching.watch import STEADY

REFERENCE = "org.opencontainers.image.ref.name"


@program("podman", package="podman")
async def podman(call: Call) -> int:
    images = call.machine.kept.setdefault("images", {})
    containers = call.machine.kept.setdefault("containers", {})
    match call.arguments:
        case ["load", "--quiet", "--input", path]:
            content = call.machine.files.read(path)
            for name in names(content):
                images[name] = hashlib.sha256(content).hexdigest()
        case ["image", "inspect", "--format", "{{.Id}}", name]:
            found = images.get(name) or images.get(f"localhost/{name}")
            if found is None:
                return call.complain(f"{name}: image not known", 125)
            call.say(f"{found}\n")
        case ["ps", "--all", "--quiet", "--filter", "label=io.podman.compose.project=app"]:
            call.say("".join(f"{service}\n" for service in containers))
        case ["exec", name, *_]:
            return _exec(call, name.removeprefix("app_").removesuffix("_1"), containers)
        case ["inspect", "--format", form, *services] if form == SEEN:
            for service in services:
                one = containers[service]
                fields = (service, f"app_{service}_1", one["status"], 0, 0)
                call.say("\t".join(map(str, (*fields, int(one["started"]), one["image"]))) + "\n")
        case ["volume", "exists", name]:
            return 0 if name in call.machine.kept.get("volumes", ()) else 1
        case _:
            return call.refuse()
    return 0


def _exec(call: Call, service: str, containers: Mapping[str, Mapping[str, Any]]) -> int:
    """Whatever is run in a container that runs goes well."""
    if containers.get(service, {}).get("status") == "running":
        return 0
    return call.complain(f"no container of {service} runs", 125)


def names(archive: bytes) -> list[str]:
    """By which an OCI archive's images are called."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        index = tar.extractfile("index.json")
        assert index is not None
        manifests = json.load(index)["manifests"]
    return [manifest["annotations"][REFERENCE] for manifest in manifests]


@program("liferaft-job")
async def job(call: Call) -> int:
    """All goes well: what may go wrong is tried with the real podman."""
    files, order = call.machine.files, json.loads(call.arguments[1])
    described = yaml.safe_load(files.read(f"{order['staged']}/jobs.yaml"))
    files.make_folder(order["marks"])
    for name in (one["name"] for one in order["jobs"]):
        assert name in described["services"]
        files.write(f"{order['marks']}/{name}", order["release"].encode(), call.machine.clock)
    files.remove(order["staged"])
    call.say(json.dumps({"outcome": DONE}))
    return 0


@program("liferaft-switch")
async def switch(call: Call) -> int:
    """All goes well: what may go wrong is tried with the real podman."""
    machine, order = call.machine, json.loads(call.arguments[0])
    folder, staged, unit = order["folder"], order["staged"], order["unit"]
    files = machine.files
    compose = yaml.safe_load(files.read(f"{staged}/compose.yaml"))
    images = machine.kept.setdefault("images", {})
    wanted = {
        name: images.get(one["image"]) or images[f"localhost/{one['image']}"]
        for name, one in compose["services"].items()
    }
    containers = machine.kept.setdefault("containers", {})
    told = {path.removeprefix(staged): files.read(path) for path in files.below(staged)}
    same = told == {path.removeprefix(folder): files.read(path) for path in files.below(folder)}
    runs = {name: one["image"] for name, one in containers.items()} == wanted
    if not (same and runs):
        if order["sign"] and files.is_folder(order["sign"].rpartition("/")[0]):
            files.write(order["sign"], b"", machine.clock)
        files.remove(folder)
        files.move(staged, folder)
        path = f"/etc/systemd/system/{unit}"
        files.write(path, files.read(f"{folder}/{unit}"), machine.clock)
        containers.clear()
        started = machine.clock - order["stays"] - 1
        for name, image in wanted.items():
            containers[name] = {"status": "running", "image": image, "started": started}
        machine.units.setdefault(unit, Unit()).enabled = True
        start(machine, unit)
    files.remove(staged)
    call.say(json.dumps({"outcome": STEADY}))
    return 0
