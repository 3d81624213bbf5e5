"""A line for each vendor says at a glance what is broken without it."""

from typing import Any

from liferaft.doctor.check import Check, CheckSeverity, Diagnosis, Examined
from liferaft.doctor.outage_table import table


def row(about: str, name: str = "outage", **facts: Any) -> Examined:
    check = Check(name, about, "Is it well?", "It matters.", tuple)
    whole = {"are_users_served": True, "copies": {}, "moves": {}} | facts
    return Examined.of(check, Diagnosis(CheckSeverity.NOTE, "So it is.", facts=whole))


def test_each_vendor_has_a_line_below_the_same_heads() -> None:
    both = ("site east", "vault main")
    lines = list(
        table(
            [
                row(
                    "aws",
                    are_users_served=False,
                    copies={"db": ("vault main",)},
                    moves={"deploy": "x"},
                ),
                row("disk", copies={"db": both, "image": both}),
                row(
                    "mirror",
                    name="outage-mirror",
                    moves={"failover north": "x", "drill north": "x"},
                ),
            ]
        )
    )
    assert lines == [
        "",
        "What a second of outage of each vendor would break today:",
        "  without  users   copies left            what cannot be done",
        "  aws      OUT     vault main             deploy",
        "  disk     served  site east, vault main  -",
        "  mirror   served  -                      failover north, drill north",
    ]


def test_data_that_is_lost_is_told_by_name_and_apart_from_what_is_kept() -> None:
    (*_, line) = table([row("aws", copies={"db": (), "media": ("vault main",), "image": ()})])
    assert "db, image: NONE; media: vault main" in line


def test_what_could_not_be_reckoned_has_no_line() -> None:
    check = Check("outage", "aws", "Is it well?", "It matters.", tuple)
    silent = Diagnosis(CheckSeverity.UNKNOWN, "NOT KNOWN: it hung.", is_answered=False)
    assert list(table([Examined.of(check, silent)])) == []
