"""What a failover needs of its target before it begins: the account's allowance, sizes, a machine
image, and what the operator has to bring."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from liferaft.clouds.classification import CloudFailure
from liferaft.clouds.kinds import MACHINE_IMAGE
from liferaft.clouds.lookup import resource
from liferaft.clouds.registry import entry
from liferaft.clouds.sizes import NoSizeFits
from liferaft.clouds.systems import in_words
from liferaft.config import resolve
from liferaft.doctor.check import Answers, Check, CheckSeverity, Diagnosis
from liferaft.doctor.patient import BRIEF, Patient
from liferaft.failures import BadInput, Failure, VendorFailure
from liferaft.moves import failover
from liferaft.moves.allowance import servers_of
from liferaft.moves.files import require_files
from liferaft.moves.former import require_none
from liferaft.moves.needs import all_packages
from liferaft.moves.preflight import require_whole
from liferaft.moves.session import prepare
from liferaft.secrets import read_secrets
from liferaft.site.machine_images import MachineImageRecord, machine_image_of

IMAGE_AGE: Final = timedelta(days=90)
"""An older image has so many packages to update that a failover waits for it."""
_CLOUD_SECONDS: Final = 60.0
"""Quotas are some questions one after the other."""


def of_standbys(patient: Patient) -> Iterator[Check]:
    for name in patient.standbys:
        cloud = patient.config.sites[name].cloud
        yield Check(
            "allowance",
            f"site {name}",
            f"Would {cloud} let this account run the servers of {name}?",
            "A server that is refused is met in the middle of a failover, while users wait.",
            partial(_allowance, patient, name),
            seconds=_CLOUD_SECONDS,
        )
        yield Check(
            "machine-image",
            f"site {name}",
            f"Is there a machine image for the servers of {name}, and is it a good one?",
            "Without one a failover installs packages on each server, from a mirror that lives.",
            partial(_machine_image, patient, name),
        )
        yield Check(
            "operator",
            f"site {name}",
            f"Has this operator what a failover to {name} has to be given?",
            "A variable, a file or an age identity that lacks stops it before it begins.",
            partial(_operator, patient, name),
        )
        if patient.current is not None:
            yield Check(
                "failover-plan",
                f"site {name}",
                f"Could a failover to {name} be planned now, and would it begin?",
                "Whatever refuses it is met here, by the code that would refuse it then.",
                partial(_plan, patient, name),
                seconds=_CLOUD_SECONDS,
            )


def _allowance(patient: Patient, name: str) -> Answers:
    try:
        cloud = patient.cloud(name)
        servers = servers_of(patient.config, name)
        chosen = {one: cloud.sizes(wanted)[0].name for one, wanted in servers.items()}
        told = cloud.allowance(servers, has_bucket=bool(patient.config.in_buckets))
    except NoSizeFits as none:
        return (_refused(none),)
    except (CloudFailure, BadInput) as failure:
        finding = f"NOT KNOWN: {failure.facts.happened.rstrip('.')}."
        return (Diagnosis(CheckSeverity.UNKNOWN, finding, failure.facts.do, is_answered=False),)
    found = [_refused(obstacle) for obstacle in told.obstacles]
    found += [Diagnosis(CheckSeverity.WARNING, note) for note in told.notes]
    sizes = ", ".join(f"{one} {size}" for one, size in chosen.items())
    well = Diagnosis(CheckSeverity.OK, f"As far as it can be asked, yes: {sizes}.")
    unknown = [Diagnosis(CheckSeverity.UNKNOWN, f"NOT KNOWN: {one}") for one in told.unknown]
    return [*(found or [well]), *unknown]


def _refused(refusal: Failure) -> Diagnosis:
    finding = f"{refusal.facts.happened.rstrip('.')}."
    return Diagnosis(CheckSeverity.CRITICAL, finding, refusal.facts.do)


def _machine_image(patient: Patient, name: str) -> Answers:
    declared, build = patient.config.sites[name], f"`liferaft image build {name}`"
    if MACHINE_IMAGE.name not in entry(declared.cloud).kinds:
        return (
            Diagnosis(
                CheckSeverity.NOTE,
                f"{declared.cloud} has none: whether packages are on its machines is not asked.",
                f"{build} says what to install on them ahead.",
            ),
        )
    image = machine_image_of(patient.vault, name)
    if image is None:
        finding = "There is none: each server installs its packages while users wait."
        return (Diagnosis(CheckSeverity.WARNING, finding, f"Make one: {build}."),)
    flaws = tuple(_flaws(patient, name, image))
    if (image.cloud, image.region) == (declared.cloud, declared.region):
        images = resource(patient.site(name).cloud(BRIEF), MACHINE_IMAGE)
        if images.read(image.id) is None:
            flaws = (*flaws, f"{declared.cloud} does not have image {image.id} any more")
    if flaws:
        renewed = f"Make a new one: {build}."
        return tuple(Diagnosis(CheckSeverity.WARNING, f"{flaw}.", renewed) for flaw in flaws)
    finding = f"Image {image.name} is there, of {in_words(patient.config.system)}."
    return (Diagnosis(CheckSeverity.OK, finding),)


def _flaws(patient: Patient, name: str, image: MachineImageRecord) -> Iterator[str]:
    """What the record alone says."""
    declared, wants = patient.config.sites[name], patient.config.system
    if (image.cloud, image.region) != (declared.cloud, declared.region):
        yield f"The image lies at {image.cloud} in {image.region}, where the site is not"
    if image.system != wants:
        yield f"The image is of {image.system}, and the application runs {in_words(wants)}"
    lacking = sorted(set(all_packages(patient.config)) - set(image.packages))
    if lacking:
        yield f"The image lacks packages that servers need: {', '.join(lacking)}"
    built = datetime.strptime(f"{image.name}+0000", "%Y%m%dT%H%M%SZ%z")
    if patient.now - built > IMAGE_AGE:
        yield f"The image is {(patient.now - built).days} days old, and so are its packages"


def _operator(patient: Patient, name: str) -> Answers:
    """As a failover begins: variables, files, and the app's secrets by the operator's identity."""
    site = patient.site(name, asks_cloud=False)
    found = []
    for look in (
        lambda: resolve(patient.config, patient.environ, site=name),
        lambda: require_files(site, failover.MOVE),
    ):
        try:
            look()
        except BadInput as lacking:
            found.append(_refused(lacking))
    if patient.current is not None:
        try:
            read_secrets(patient.vault, patient.current.epoch, site.credentials.identity_file)
        except BadInput as closed:
            found.append(_refused(closed))
    return found or [Diagnosis(CheckSeverity.OK, "Variables, files and the identity are there.")]


def _plan(patient: Patient, name: str) -> Answers:
    """As `liferaft failover` does before it asks its person, and no further."""
    site = patient.site(name, asks_cloud=False)
    try:
        prepared = prepare(failover.MOVE, name, patient.declared, patient.vault)
        asyncio.run(require_none(site, prepared.plan))
        asyncio.run(require_whole(site, prepared.plan, running=True))  # the rest: `point-whole`
    except VendorFailure:
        raise  # nobody was refused anything: there was no answer
    except Failure as refusal:
        return (_refused(refusal),)
    if prepared.resumes is not None:
        finding = f"It would go on with run {prepared.resumes.name}, which is not finished."
        return (Diagnosis(CheckSeverity.WARNING, finding, f"`liferaft failover {name}`."),)
    steps, epoch = len(prepared.plan.steps), prepared.plan.epoch
    planned = f"Yes, in {steps} steps, for epoch {epoch}: `liferaft plan failover {name}`."
    return (Diagnosis(CheckSeverity.OK, planned),)
