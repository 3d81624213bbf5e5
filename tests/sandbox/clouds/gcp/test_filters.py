"""Filter expressions as gcloud, Terraform and the SDKs write them."""

import pytest

from liferaft_sandbox.clouds.gcp.errors import ApiError
from liferaft_sandbox.clouds.gcp.filters import matcher

INSTANCE = {
    "name": "app-1",
    "status": "RUNNING",
    "id": "12",
    "labels": {"app": "chirp", "site": "gcp"},
    "scheduling": {"preemptible": False},
    "tags": {"items": ["web", "db"]},
    "creationTimestamp": "2026-11-22T10:00:00.000+00:00",
}


@pytest.mark.parametrize(
    "expression",
    [
        "name = app-1",
        'name="app-1"',
        "(name = app-1) AND (labels.app=chirp)",
        "(name = app-1) (labels.app=chirp)",
        "(labels.app=chirp) (labels.site:*)",
        "name eq app-.*",
        "name eq '(app-1)|(app-2)'",
        "name ne db.*",
        "name != app-2",
        "name:app*",
        "labels.app:chi",
        "NOT labels.app = other",
        "-labels.none:*",
        "(status = STOPPED) OR (status = RUNNING)",
        "scheduling.preemptible = false",
        "tags.items = web",
        "(id > 9) AND (id <= 12)",
        'creationTimestamp > "2026-11-01"',
        "creationTimestamp < 2026-12-01T00:00:00Z",
    ],
)
def test_it_passes(expression: str) -> None:
    assert matcher(expression)(INSTANCE)


@pytest.mark.parametrize(
    "expression",
    ["name = app", "name eq app", "labels.none:*", "(labels.app=other) OR (name=x)", "id < 9"],
)
def test_it_does_not_pass(expression: str) -> None:
    assert not matcher(expression)(INSTANCE)


@pytest.mark.parametrize("expression", ["name", "name =", "(name = x", "name = x)", "name eq ("])
def test_what_is_no_filter_is_refused(expression: str) -> None:
    with pytest.raises(ApiError, match="Invalid list filter expression"):
        matcher(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "name = app-1 AND status = RUNNING",
        "(name = app-1) AND status = RUNNING",
        "labels.app=chirp labels.site:*",
        "status = STOPPED OR (status = RUNNING)",
        "NOT name = x AND (status = RUNNING)",
        "(name eq app-.*) (status = RUNNING)",
    ],
)
def test_several_expressions_without_their_parentheses_or_in_two_grammars_are_refused(
    expression: str,
) -> None:
    with pytest.raises(ApiError, match="Invalid list filter expression"):
        matcher(expression)
