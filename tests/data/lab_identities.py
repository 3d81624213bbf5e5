"""Whom the stores of the lab know, and what each may do: by the policies of docs/vaults.md."""

import json
from collections.abc import Mapping
from typing import Any

from liferaft_sandbox.vendors import policies


def identities(secret: str) -> Mapping[str, Any]:
    """The lab's operator; what servers hold (`adding`), which opens the buckets of sites as well;
    what only reads; and what lets nothing at all be deleted (`strict`)."""
    sites = policies.policy(
        {
            "Effect": "Allow",
            "Action": ["s3:*"],
            "Resource": [
                f"arn:aws:s3:::{name}" for name in ("*-media", "*-media/*", "named-*", "named-*/*")
            ],
        }
    )
    told = {
        "adding": policies.adding(),
        "reading": policies.reading(),
        "sites": sites,
        "strict": policies.policy(*policies.adding()["Statement"][:-1]),
    }
    may = {"lab": [], "adding": ["adding", "sites"], "reading": ["reading"], "strict": ["strict"]}
    everything = ["Admin", "Read", "Write", "List", "Tagging"]
    return {
        "identities": [
            {
                "name": name,
                "credentials": [{"accessKey": name, "secretKey": secret}],
                **({"policyNames": names} if names else {"actions": everything}),
            }
            for name, names in may.items()
        ],
        "policies": [{"name": one, "content": json.dumps(text)} for one, text in told.items()],
    }
