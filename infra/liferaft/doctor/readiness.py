"""Whether a standby was made ready, and whether the application's own keys open sites' buckets."""

import asyncio
from collections.abc import Iterator
from functools import partial

from liferaft.clouds import boto_errors
from liferaft.clouds.classification import CloudFailure, Verdict
from liferaft.clouds.registry import CA_FILE
from liferaft.clouds.s3 import S3Account
from liferaft.config import resolve
from liferaft.doctor.check import Answers, Check, CheckSeverity, Diagnosis
from liferaft.doctor.patient import BRIEF, Patient
from liferaft.failures import BadInput
from liferaft.site.outputs import BucketOutput, SiteIncomplete, SiteOutputs


def of_readiness(patient: Patient) -> Iterator[Check]:
    if patient.current is None:
        return
    for name in patient.standbys:
        yield Check(
            "ready",
            f"site {name}",
            f"Was {name} made ready: has it a network and a reserved address?",
            "What is not there a failover makes first, while users wait, if the account lets it.",
            partial(_ready, patient, name),
        )
    for name in patient.sites if patient.config.in_buckets else ():
        yield Check(
            "bucket-keys",
            f"site {name}",
            f"Do the application's own keys open its bucket at {name}?",
            "The application and the copies of its objects have no others.",
            partial(_bucket, patient, name),
        )


def _outputs(patient: Patient, name: str) -> SiteOutputs:
    return asyncio.run(patient.site(name, asks_cloud=False).outputs())


def _ready(patient: Patient, name: str) -> Answers:
    try:
        told = _outputs(patient, name)
    except SiteIncomplete:
        mend = f"`liferaft deploy {name}` makes it ready, and says what that costs."
        finding = "No: a failover makes its network and reserves its address first."
        return (Diagnosis(CheckSeverity.WARNING, finding, mend),)
    return (Diagnosis(CheckSeverity.OK, f"Yes, its address is {told.address}."),)


def _bucket(patient: Patient, name: str) -> Answers:
    """A listing of one object: nothing is read of it."""
    severity = CheckSeverity.CRITICAL
    try:
        keys = resolve(patient.config, patient.environ, site=name).buckets[name]
        there = _outputs(patient, name).bucket
    except BadInput as lacking:
        return (Diagnosis(severity, f"{lacking.facts.happened.rstrip('.')}.", lacking.facts.do),)
    except SiteIncomplete:
        there = None
    if there is None:
        finding = "It has no bucket yet: its keys are tried once it has."
        return (Diagnosis(CheckSeverity.NOTE, finding),)
    account = S3Account(
        there.region,
        keys.access_key_id.get_secret_value(),
        keys.secret_access_key.get_secret_value(),
        there.endpoint,
        ca_file=patient.environ.get(CA_FILE) or None,
    )
    try:
        _list(account, there)
    except CloudFailure as failure:
        return (_of_failure(there, failure),)
    return (Diagnosis(CheckSeverity.OK, f"They list bucket {there.name}."),)


def _list(account: S3Account, there: BucketOutput) -> None:
    s3 = account.client()
    boto_errors.control_plane(f"bucket {there.name}", BRIEF).ask(
        "listing an object",
        lambda: s3.list_objects_v2(Bucket=there.name, MaxKeys=1),
    )


def _of_failure(there: BucketOutput, failure: CloudFailure) -> Diagnosis:
    """Only what the store itself says of them is said of the keys."""
    meaning = failure.classification
    said = f"{meaning.code}: {meaning.message}".rstrip(".")
    if meaning.verdict in (Verdict.OUTAGE, Verdict.THROTTLE, Verdict.OTHER):
        finding = f"NOT KNOWN: {there.endpoint} did not answer well ({said})."
        return Diagnosis(CheckSeverity.UNKNOWN, finding, failure.facts.do, is_answered=False)
    finding = f"They do not open bucket {there.name} ({said})."
    return Diagnosis(CheckSeverity.CRITICAL, finding, failure.facts.do)
