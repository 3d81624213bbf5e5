"""What a person is told of what a drill's servers asked for and were denied."""

from typing import Any

from liferaft.moves.actions.isolate import sentences


def row(**told: Any) -> dict[str, Any]:
    usual = {"server": "app-1", "by": "container app_web_1", "asked": "smtp.mail.example"}
    return {**usual, "names": [], "how": "A", "port": None, "count": 1, "known": "", **told}


def test_a_name_that_was_asked_for_in_several_ways_is_one_dependency() -> None:
    found = sentences([row(count=2), row(how="AAAA", count=3)])
    assert found == [
        "container app_web_1 on app-1 asked for smtp.mail.example, 5 times, and was denied it"
    ]


def test_who_asked_is_told_apart_and_a_call_has_its_port_and_names() -> None:
    call = row(asked="198.51.100.7", how="tcp", port=443, names=["api.example"], by="user 33")
    assert sentences([row(), call])[1] == (
        "user 33 on app-1 asked for 198.51.100.7 port 443 (api.example), 1 times, and was denied it"
    )


def test_what_servers_ask_for_by_themselves_is_no_dependency() -> None:
    assert not sentences([row(known="apt")])
