"""What an application asks of the outside and says so nowhere but in its code. It lies in the
sample's image where `planted` put it, and is no part of the sample.

Each function is an application of gunicorn's: a container's command names one.
"""

import importlib
import smtplib
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

MAIL = "smtp.mail.example"
WEBHOOK = "hooks.chat.example"
FLAGS = "flags.vendor.example"
BUCKET = "s3.aws.test"
"""Where the bucket of the site that reigns is."""
ADDRESS = "198.51.100.7"
LIST = ("mirror.neutral.test", 80)
"""Where a migration fetches what it needs: it answers, but in a drill."""
EVERY_SECONDS, PATIENT_SECONDS = 1.0, 5.0


def web() -> Any:
    """The sample itself, which asks for a name as it starts."""
    with suppress(OSError):
        socket.gethostbyname(FLAGS)
    return importlib.import_module("chirp.main").application()


def migrating() -> Any:
    """The sample, which does not start without what its migration fetches."""
    socket.create_connection(LIST, PATIENT_SECONDS).close()
    return web()


def mailer() -> Any:
    """It writes mail, and tells a chat what happened."""
    return _calling(_mail, _webhook)


def keeper() -> Any:
    """It copies pictures from the bucket, and reports to an address."""
    return _calling(_bucket, _address)


def _mail() -> None:
    smtplib.SMTP(MAIL, 587, timeout=PATIENT_SECONDS).close()


def _webhook() -> None:
    urllib.request.urlopen(f"https://{WEBHOOK}/", b"{}", PATIENT_SECONDS).close()


def _bucket() -> None:
    urllib.request.urlopen(f"https://{BUCKET}:8443/", None, PATIENT_SECONDS).close()


def _address() -> None:
    socket.create_connection((ADDRESS, 8125), PATIENT_SECONDS).close()


def _calling(*calls: Callable[[], None]) -> Any:
    for call in calls:
        threading.Thread(target=_again, args=(call,), daemon=True).start()
    return _answer


def _again(call: Callable[[], None]) -> None:
    while True:
        with suppress(OSError):
            call()
        time.sleep(EVERY_SECONDS)


def _answer(_environ: Any, begin: Callable[..., Any]) -> Iterable[bytes]:
    begin("200 OK", [])
    return [b""]
