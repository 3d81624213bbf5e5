"""`python other_secrets.py KEY CHANGE FILE`: the application's secrets as they would lie in a vault
if something had gone wrong, written to FILE.

CHANGE is `sealed-for-others`, which nobody here can open, or the name of a secret, which is another
one then. Run where an operator is, in the application's folder.
"""

import os
import secrets
import sys
from pathlib import Path

import pyrage

from liferaft.secrets.box import seal, unseal
from liferaft.vault.checked import headed
from liferaft_cli.opening import open_configuration
from liferaft_cli.process import leave

key, change, file = sys.argv[1:]
vault = open_configuration(Path("liferaft.toml")).vault
document = unseal(vault.get(key), Path(os.environ["LIFERAFT_IDENTITY_FILE"]))
recipient = os.environ["LIFERAFT_RECIPIENT"]
if change == "sealed-for-others":
    recipient = str(pyrage.x25519.Identity.generate().to_public())
else:
    assert change in document
    document[change] = secrets.token_hex(32)
Path(file).write_bytes(headed(key, seal(document, [recipient])))
sys.stdout.write("null")
leave(0)
