"""Opens the vaults that a liferaft.toml names, as its operator does; tells what each is fit for.

`python vaults_client.py LIFERAFT_TOML`: JSON on stdout, by vault: what the probe finds wrong,
whether the engine's state that is written there is read back, and what trying it and its three
pairs of keys came to.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from liferaft.config import Config, Credentials, load, resolve
from liferaft.data.registry import configs
from liferaft.moves.vault_findings import try_vaults
from liferaft.provision.engine.state.storage import Storage, checkpoint_path
from liferaft.site.state import state_in
from liferaft.vault import open_vault, probe
from liferaft_cli.process import leave


async def keeps_state(config: Config, credentials: Credentials, vault: str) -> bool:
    place = Storage(state_in(config, credentials, vault))
    await place.prepare()
    await place.write(checkpoint_path("asked", "asked"), vault.encode())
    return await place.read(checkpoint_path("asked", "asked")) == vault.encode()


async def main(toml: Path) -> dict[str, object]:
    config = load(toml, configs())
    credentials = resolve(config, os.environ)
    tried = {one.vault: one for one in try_vaults(config, credentials, config.vaults)}
    return {
        name: {
            "faults": probe(
                open_vault(name, vault, credentials.vaults[name], prefix=config.app.name)
            ).faults,
            "keeps_state": await keeps_state(config, credentials, name),
            "pairs": tried[name].pairs,
            "keeps_versions": tried[name].keeps_versions,
            "findings": [one.sentence for one in tried[name].findings],
        }
        for name, vault in config.vaults.items()
    }


if __name__ == "__main__":
    json.dump(asyncio.run(main(Path(sys.argv[1]))), sys.stdout)
    leave(0)
