"""What the account at Hetzner holds of drills, by its own SDK alone: JSON, kind → names."""

import json
import os
import sys
from typing import Any

from hcloud import Client

LABEL = "liferaft-site=hetzner-drill"

client = Client(token=os.environ["HCLOUD_TOKEN"], api_endpoint=os.environ["HCLOUD_ENDPOINT"])
kinds: dict[str, Any] = {
    "servers": client.servers,
    "addresses": client.primary_ips,
    "networks": client.networks,
    "firewalls": client.firewalls,
    "keys": client.ssh_keys,
}
found = {
    kind: [one.name for one in listed.get_all(label_selector=LABEL)]
    for kind, listed in kinds.items()
}
sys.stdout.write(json.dumps(found))
