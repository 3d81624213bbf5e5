"""What a site costs while it stands by."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import COMPOSE, LIFERAFT_TOML

from liferaft.clouds.registry import CLOUDS
from liferaft.config import Config, load
from liferaft.data.registry import configs
from liferaft.site.costs import standby_costs

README = Path(__file__).parents[2] / "README.md"
COLO = """
[sites.colo]
cloud = "ssh"
region = "colo"
objects = { endpoint = "https://s3.colo.test:8443" }
[sites.colo.machines.colo-1]
address = "198.18.40.101"
private_address = "10.40.0.11"
host_key = "env/COLO_1"
cpus = 4
memory = "16GiB"
disk = "100GiB"
[sites.colo.machines.colo-2]
address = "198.18.40.102"
private_address = "10.40.0.12"
host_key = "env/COLO_2"
cpus = 4
memory = "16GiB"
disk = "100GiB"
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    path = tmp_path / "liferaft.toml"
    path.write_text(LIFERAFT_TOML.format(folder=tmp_path) + COLO)
    return load(path, configs())


def test_address_object_store_and_image_are_added_up(config: Config) -> None:
    costs = standby_costs(config, "north", has_image=True)
    assert [row.monthly for row in costs.rows] == [0.50, 6.49, 0.29]
    assert (costs.monthly, costs.currency) == (7.28, "EUR")
    assert costs.sentence.startswith("Standing by, north costs about 7.28 EUR a month: ")
    assert "An estimate" in costs.sentence
    assert all(row.source and row.read for row in costs.rows)


def test_a_site_without_an_image_does_not_pay_for_one(config: Config) -> None:
    assert standby_costs(config, "north", has_image=False).monthly == 6.99


def test_what_is_not_known_is_called_so_and_not_counted_as_nothing(config: Config) -> None:
    costs = standby_costs(config, "colo", has_image=False)
    assert costs.monthly is None
    assert costs.to_json()["monthly"] is None
    assert "is not known: the rented machines not known, the object store not known" in (
        costs.sentence
    )


def test_an_amount_with_a_part_that_is_not_known_is_told_as_more(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = CLOUDS["hetzner"]
    incomplete = replace(entry, prices=replace(entry.prices, image_gb=None))
    half: dict[str, Any] = {**CLOUDS, "hetzner": incomplete}
    monkeypatch.setattr("liferaft.clouds.registry.CLOUDS", half)
    costs = standby_costs(config, "north", has_image=True)
    assert "more than 6.99 EUR" in costs.sentence
    assert "up to 20 GB, not known" in costs.sentence


def test_the_table_of_the_readme_says_what_the_lists_say() -> None:
    lines = README.read_text().splitlines()
    for what, field, units in (
        ("the reserved address", "address", 730),
        ("the object store, empty", "objects", 1),
        ("a machine image of 20 GB, at most", "image_gb", 20),
    ):
        (line,) = (one for one in lines if one.startswith(f"| {what} |"))
        cells = [cell.strip() for cell in line.split("|")[2:5]]
        for name, cell in zip(("aws", "gcp", "hetzner"), cells, strict=True):
            prices = CLOUDS[name].prices
            amount = getattr(prices, field).amount * units
            assert cell.startswith(f"{amount:.2f} {prices.currency}"), (what, name)
