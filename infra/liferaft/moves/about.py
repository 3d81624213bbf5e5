"""What a session notes of itself in the journal's first event, for the report of its run.

Nothing is decided by it: a run goes on by its inputs. It is what a reader cannot know years later:
who worked, with which versions, what was to be done, and against which configuration it counts.
"""

import platform
from importlib.metadata import version
from typing import Any

from liferaft.config import Config
from liferaft.journal.process import Process
from liferaft.moves.standby import costs_of
from liferaft.plan.plan import Plan
from liferaft.vault import Vault


def about_session(plan: Plan, config: Config, vault: Vault) -> dict[str, Any]:
    """Plain JSON, without secrets. Blocks."""
    costs = costs_of(plan, config, vault)
    return {
        "app": config.app.name,
        "domain": config.app.domain,
        "ttl": config.dns.ttl,
        "targets": config.targets.to_json(),
        "by": Process.this().who,
        "versions": {
            "liferaft": version("liferaft"),
            "Python": platform.python_version(),
            "servers": plan.inputs.system,
        },
        "steps": [
            {"name": one.name, "sentence": one.sentence, "final": one.point_of_no_return}
            for one in plan.order()
        ],
        **({"costs": {"sentence": costs.sentence, **costs.to_json()}} if costs else {}),
    }
