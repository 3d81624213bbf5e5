"""The kinds of data, as whoever reads liferaft.toml knows them."""

import subprocess
import sys


def test_to_read_a_configuration_nothing_is_loaded_that_works_on_data() -> None:
    told = "import sys; from liferaft.data.registry import configs; configs(); print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", told], check=True, capture_output=True, text=True, timeout=60
    )
    ours = {name for name in ran.stdout.split() if name.startswith("liferaft.")}
    rooms = {name.split(".")[1] for name in ours}
    assert rooms == {"clouds", "config", "data", "failures", "texts"}
    assert {name for name in ours if name.startswith("liferaft.data.")} == {
        "liferaft.data.registry",
        "liferaft.data.bucket",
        "liferaft.data.bucket.config",
        "liferaft.data.postgres",
        "liferaft.data.postgres.config",
        "liferaft.data.postgres.locale",
        "liferaft.data.postgres.settings",
        "liferaft.data.volume",
        "liferaft.data.volume.config",
    }
