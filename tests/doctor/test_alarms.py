"""Variables by which nobody would be told of a drill are found, and no address is shown."""

from collections.abc import Callable

import pytest
from tests.doctor.conftest import Find
from tests.notify.listening import Listener, listening

from liferaft.doctor.alarms import of_alarms
from liferaft.doctor.patient import Patient

Called = Callable[..., Patient]
SECRET = "4f1c-5ecret"
HEAD = "[vaults.main]"
TOLD = '[notify]\nurls = ["env/CHAT", "env/MAIL"]\n\n[drill]\nping = "env/SWITCH"\n\n'
SET = {
    "CHAT": f"json://user:{SECRET}@chat.example/{SECRET}",
    "MAIL": f"mailto://user:{SECRET}@mail.example",
    "SWITCH": f"https://hc.example/{SECRET}",
}


@pytest.fixture
def said(
    patient: Called, environ: dict[str, str], find: Find, capfd: pytest.CaptureFixture[str]
) -> Callable[..., list[str]]:
    """What is found where these variables are set; no secret of theirs is anywhere in it."""

    def ask(*changes: tuple[str, str], **variables: str) -> list[str]:
        environ.update(variables)
        found = find(of_alarms(patient(*(changes or ((HEAD, TOLD + HEAD),)))), "alarms")
        shown = capfd.readouterr()
        assert SECRET not in f"{[one.to_json() for one in found]}{shown.out}{shown.err}"
        return [f"{one.severity}: {one.finding}" for one in found]

    return ask


def test_variables_that_hold_addresses_are_well_and_named(said: Callable[..., list[str]]) -> None:
    (only,) = said(**SET)
    assert only.startswith("ok: Each of these holds an address, and nothing was sent there:")
    assert only.endswith(": CHAT, MAIL, SWITCH.")


def test_those_that_are_not_set_are_told_one_by_one(said: Callable[..., list[str]]) -> None:
    assert said(MAIL=SET["MAIL"])[:2] == [
        "warning: Nobody is told of drills by CHAT: it is not set.",
        "warning: Nobody is told of drills by SWITCH: it is not set.",
    ]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (f"nothing-that-there-is://{SECRET}", "it holds no URL that apprise knows"),
        (SECRET, "it holds no URL that apprise knows"),
        (f" json://{SECRET}", "it begins or ends with a blank"),
    ],
)
def test_what_is_no_url_of_apprises_is_told_and_not_shown(
    said: Callable[..., list[str]], url: str, why: str
) -> None:
    first, well = said(**{**SET, "CHAT": url})
    assert first == f"warning: Nobody is told of drills by CHAT: {why}."
    assert well.endswith(": MAIL, SWITCH.")


def test_a_switch_that_is_no_https_url_is_told(said: Callable[..., list[str]]) -> None:
    first, _ = said(**{**SET, "SWITCH": f"http://hc.example/{SECRET}"})
    assert first == "warning: Nobody is told of drills by SWITCH: it is no https URL."


def test_where_nobody_is_named_that_is_worth_knowing(said: Callable[..., list[str]]) -> None:
    (only,) = said((HEAD, HEAD))
    assert only.startswith("note: [notify] names nobody")


def test_nobody_is_sent_anything(said: Callable[..., list[str]]) -> None:
    with listening(Listener()) as chat:
        (only,) = said(**{**SET, "CHAT": chat.url})
        assert only.startswith("ok")
        assert not chat.asked
