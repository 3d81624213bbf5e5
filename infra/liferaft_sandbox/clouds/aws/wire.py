"""AWS requests and errors as they look on the wire, in each of its protocols.

Sources: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (EC2),
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (S3),
https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html (query services);
JSON services as botocore.parsers reads them.
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from werkzeug import Request

_SCOPE = re.compile(r"([^/=\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


class AwsError(Exception):
    """A refusal with AWS's own code and message; rendered in the caller's protocol."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True)
class Call:
    """One API request. `parameters` is the flat form of query protocols, else empty."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    access_key: str
    region: str
    service: str
    operation: str
    parameters: dict[str, str] = field(repr=False)
    request_id: str

    @property
    def user_agent(self) -> str:
        return self.headers.get("User-Agent", "")

    @classmethod
    def read(cls, request: Request) -> Call:
        """Understand who asks which service for what; unsigned requests have no access key."""
        query = request.query_string.decode()
        body = request.get_data()
        credential = request.headers.get("Authorization", "") or dict(parse_qsl(query)).get(
            "X-Amz-Credential", ""
        )
        scope = _SCOPE.search(credential)
        access_key, region, service = scope.groups() if scope else ("", "us-east-1", "s3")
        form = body.decode("utf-8", "replace") if _is_form(request) else query
        parameters = dict(parse_qsl(form, keep_blank_values=True))
        target = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        return cls(
            method=request.method,
            path=request.path,
            query=query,
            headers=dict(request.headers),
            body=body,
            access_key=access_key,
            region=region,
            service=service.lower(),
            operation=parameters.get("Action") or target or f"{request.method} {request.path}",
            parameters=parameters,
            request_id=str(uuid.uuid4()),
        )


def _is_form(request: Request) -> bool:
    return request.mimetype == "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def render(error: AwsError, call: Call) -> Answer:
    """The error as the called service would send it, byte for byte."""
    code, message, request_id = escape(error.code), escape(error.message), call.request_id
    if call.service == "ec2":
        text = (
            f"{_XML}<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message>"
            f"</Error></Errors><RequestID>{request_id}</RequestID></Response>"
        )
        return _answer(error.status, "text/xml;charset=UTF-8", text, call)
    if call.service == "s3":
        text = (
            f"{_XML}<Error><Code>{code}</Code><Message>{message}</Message>"
            f"<RequestId>{request_id}</RequestId></Error>"
        )
        return _answer(error.status, "application/xml", text, call)
    if "Action" in call.parameters:
        text = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
            f"<Message>{message}</Message></Error><RequestId>{request_id}</RequestId>"
            "</ErrorResponse>"
        )
        return _answer(error.status, "text/xml", text, call)
    text = json.dumps({"__type": error.code, "message": error.message})
    answer = _answer(error.status, "application/x-amz-json-1.1", text, call)
    return Answer(answer.status, {**answer.headers, "x-amzn-ErrorType": error.code}, answer.body)


def answer(call: Call, content: str) -> Answer:
    """A successful answer of EC2's, where moto has none that is like it."""
    text = (
        f'{_XML}<{call.operation}Response xmlns="{NAMESPACE}">'
        f"<requestId>{call.request_id}</requestId>{content}</{call.operation}Response>"
    )
    return _answer(200, "text/xml;charset=UTF-8", text, call)


def answer_in_json(call: Call, content: object) -> Answer:
    """A successful answer of a service that speaks JSON."""
    return _answer(200, "application/x-amz-json-1.1", json.dumps(content), call)


def _answer(status: int, content_type: str, text: str, call: Call) -> Answer:
    headers = {"Content-Type": content_type, "x-amzn-RequestId": call.request_id}
    return Answer(status, headers, text.encode())
