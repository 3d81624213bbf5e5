"""What liferaft owns in a zone."""

import pytest

from liferaft.dns.records import OwnRecords
from liferaft.failures import BadInput


def own(**changed: object) -> OwnRecords:
    given = {"zone": "chirp.test", "domain": "chirp.test", "addresses": ("192.0.2.1",), "ttl": 60}
    return OwnRecords(**(given | changed))  # type: ignore[arg-type]  # the point of some tests


def test_the_zone_itself_is_an_empty_label_and_a_name_in_it_is_relative() -> None:
    assert own().label == ""
    assert own(domain="app.chirp.test").label == "app"


@pytest.mark.parametrize(
    "changed",
    [
        {"domain": "otherchirp.test"},
        {"addresses": ()},
        {"addresses": ("chirp.example",)},
        {"addresses": ("2001:db8::1",)},
    ],
)
def test_what_no_zone_could_hold_is_bad_input(changed: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        own(**changed)
