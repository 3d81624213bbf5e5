"""What obstore's errors mean: it gives types to a few, and the rest is in their texts."""

import re
from enum import Enum
from typing import Final

from obstore.exceptions import (
    AlreadyExistsError,
    InvalidPathError,
    NotSupportedError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)

_REFUSALS: Final = (
    PermissionDeniedError,
    UnauthenticatedError,
    InvalidPathError,
    NotSupportedError,
)
_STATUS: Final = re.compile(r"status code: (\d{3}[^:\n]*)")
_CODE: Final = re.compile(r"<Code>(\w+)</Code>")
_CLOCK: Final = re.compile(r"<Code>RequestTimeTooSkewed</Code>")
_FULL: Final = re.compile(
    r"status code: 507|<Code>(InsufficientStorage|\w*QuotaExceeded|\w*StorageFull)</Code>"
)
"""SeaweedFS's and others' word, Ceph's and Versity's, and MinIO's, which comes with 400 and 507:
https://github.com/minio/minio/blob/master/cmd/api-errors.go"""
_CERTIFICATE: Final = re.compile(r"InvalidCertificate\(\s*(\w+)")
_PASSING: Final = ("408", "425", "429")
"""Refusals of this moment: timed out, too early, too many requests."""
_CERTIFICATES: Final = {
    "UnknownIssuer": "nobody whom this computer trusts has signed it",
    "NotValidForName": "it is another name's",
    "NotValidForNameContext": "it is another name's",
    "Expired": "it has run out",
    "ExpiredContext": "it has run out",
    "NotValidYet": "it is not valid yet: look at the clock of this computer",
    "NotValidYetContext": "it is not valid yet: look at the clock of this computer",
    "CaUsedAsEndEntity": "it is an authority's, which no server may show",
}
"""rustls' words: https://docs.rs/rustls/latest/rustls/enum.CertificateError.html"""


class Meaning(Enum):
    """What to make of an error."""

    TAKEN = "something is at the key already, or was a moment ago"
    UNKNOWN = "the store does not know this request"
    CERTIFICATE = "the store cannot prove who it is"
    CLOCK = "the store and this computer do not agree on what time it is"
    FULL = "the store takes no more"
    REFUSED = "the store refuses"
    OUTAGE = "the store does not answer well at this moment"


_BY_WORDS: Final = (
    (Meaning.CLOCK, _CLOCK),
    (Meaning.FULL, _FULL),
    (Meaning.CERTIFICATE, _CERTIFICATE),
)
_IN_OUR_WORDS: Final = {
    Meaning.CLOCK: "this computer's clock is off by more than a quarter of an hour",
    Meaning.FULL: "it is full, or its quota is used up",
}


def meaning(error: BaseException) -> Meaning:
    """Of one of obstore's errors. 501 is an answer for good, and so are a wrong certificate, a
    wrong clock and a store without room: to ask again brings nothing."""
    text = str(error)
    answer = _STATUS.search(text)
    status = answer[1][:3] if answer else ""
    found = next((what for what, words in _BY_WORDS if words.search(text)), None)
    if found is not None:
        return found
    if isinstance(error, AlreadyExistsError | PreconditionError):
        return Meaning.TAKEN
    if status == "501":
        return Meaning.UNKNOWN
    if isinstance(error, _REFUSALS) or (status.startswith("4") and status not in _PASSING):
        return Meaning.REFUSED
    return Meaning.OUTAGE


def is_condition(error: BaseException | None) -> bool:
    """Whether the store says that what was asked for on a condition does not meet it: 412, and not
    409, which says that another write is under way."""
    answer = _STATUS.search(str(error))
    return answer is not None and answer[1].startswith("412")


def told(error: BaseException) -> str:
    """The store's status and code where it answered, what is wrong with its certificate, or else
    the error's first line."""
    text = str(error)
    answer, code, certificate = (one.search(text) for one in (_STATUS, _CODE, _CERTIFICATE))
    if answer:
        said = f"HTTP {answer[1].strip()}{f': {code[1]}' if code else ''}"
        why = _IN_OUR_WORDS.get(meaning(error))
        return f"{said}, {why}" if why else said
    if certificate:
        why = _CERTIFICATES.get(certificate[1], certificate[1])
        return f"its certificate is not accepted: {why}"
    return text.partition("\n")[0][:300]


def code_of(error: BaseException) -> str:
    """The store's own code; nothing where it has said none."""
    code = _CODE.search(str(error))
    return code[1] if code else ""


class Taken(Exception):
    """Something is at the key already."""
