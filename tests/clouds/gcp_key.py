"""A service account's key file, as Google Cloud's console gives it out."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


@cache
def private_key() -> str:
    """Made once: it takes a tenth of a second."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode()


def write_key(folder: Path, **changed: Any) -> Path:
    said = {
        "type": "service_account",
        "project_id": "chirp-lab",
        "private_key_id": "1",
        "private_key": private_key(),
        "client_email": "liferaft@chirp-lab.iam.gserviceaccount.com",
        "token_uri": "https://oauth2.googleapis.com/token",
    }
    path = folder / "key.json"
    path.write_text(json.dumps({**said, **changed}))
    return path
