"""S3's words, which AWS and others speak.

Codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from tests.contract.worlds.line import Asked
from tests.contract.worlds.world import Said
from werkzeug.wrappers import Response

from liferaft.clouds.classification import Verdict

DOCS = "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
ANSWERS = (
    Said("AccountProblem", Verdict.TERMINAL, DOCS, 403, kind="bucket"),
    Said("AllAccessDisabled", Verdict.AMBIGUOUS, DOCS, 403, kind="bucket"),
    Said("AccessDenied", Verdict.AMBIGUOUS, DOCS, 403, kind="bucket"),
    Said("InvalidAccessKeyId", Verdict.AMBIGUOUS, DOCS, 403, kind="bucket"),
    Said("InternalError", Verdict.OUTAGE, DOCS, 500, kind="bucket"),
    Said("ServiceUnavailable", Verdict.OUTAGE, DOCS, 503, kind="bucket"),
    Said("SlowDown", Verdict.THROTTLE, DOCS, 503, kind="bucket"),
)


def spoken(said: Said) -> Response:
    return error(said.code, "as documented", said.status)


def makes_bucket(asked: Asked) -> bool:
    return asked.method == "PUT" and not asked.request.query_string and _bucket(asked) != ""


def error(code: str, message: str, status: int) -> Response:
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Response(body, status, mimetype="application/xml")


def no_tags_for_buckets(asked: Asked) -> Response | None:
    """https://docs.hetzner.com/storage/object-storage/supported-actions/; the code is as others met
    it: https://github.com/aminueza/terraform-provider-minio/pull/707"""
    if "tagging" not in asked.request.args or asked.path.strip("/") != _bucket(asked):
        return None
    return error("NotImplemented", "bucket tagging is not supported", 501)


def no_quota() -> Response:
    return error("TooManyBuckets", "You have attempted to create more buckets than allowed", 400)


class S3Wire:
    """Bucket operations are eventually consistent, objects are not.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel"""

    def created(self, asked: Asked, answer: Response) -> Iterable[str]:
        return [_bucket(asked)] if makes_bucket(asked) else []

    def names(self, asked: Asked, ident: str) -> bool:
        return _bucket(asked) == ident

    def unknown(self, asked: Asked, ident: str) -> Response:
        if asked.method == "HEAD":
            return Response(status=404)
        return error("NoSuchBucket", "The specified bucket does not exist", 404)

    def without(self, answer: Response, hidden: Iterable[str]) -> tuple[Response, set[str]]:
        return without_rows(answer, hidden, "Bucket")


def without_rows(answer: Response, hidden: Iterable[str], row: str) -> tuple[Response, set[str]]:
    """The XML without the outermost elements `row` that hold one of these as an element's text."""
    text, missed = answer.get_data(), set[str]()
    if answer.status_code != 200 or not text.lstrip().startswith(b"<"):
        return answer, missed
    root, wanted = ET.fromstring(text), set(hidden)  # noqa: S314  # our own simulated cloud's

    def prune(parent: ET.Element) -> None:
        for child in list(parent):
            inside = {element.text for element in child.iter()} & wanted
            if re.sub(r"{.*}", "", child.tag) == row:
                if inside:
                    missed.update(str(ident) for ident in inside)
                    parent.remove(child)
            else:
                prune(child)

    prune(root)
    return Response(ET.tostring(root), 200, mimetype="text/xml"), missed


def _bucket(asked: Asked) -> str:
    """Addressed by path; empty for a question about no bucket."""
    return asked.path.strip("/").partition("/")[0]
