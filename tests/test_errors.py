from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

import studio.errors
from studio.errors import (
    AuthenticationFailed,
    Fault,
    InvalidRequest,
    NoLimits,
    NotSent,
    Problem,
    ProviderError,
    ReplyLost,
    ResultExpired,
    StorageFull,
    StudioError,
)


def descendants(kind: type[StudioError]) -> Iterator[type[StudioError]]:
    for child in kind.__subclasses__():
        if child.__module__ == studio.errors.__name__:
            yield child
            yield from descendants(child)


def drawn_parents() -> dict[str, str]:
    """Name and parent's name of each error in the drawing, by how far the names are indented."""
    parents: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in inspect.getdoc(studio.errors).splitlines():
        if match := re.match(r"[ │]*(?:[├└]── )?([A-Z]\w+)(?= {2,}|$)", line):
            column = match.start(1)
            above = [(start, name) for start, name in above if start < column]
            if above:
                parents[match[1]] = above[-1][1]
            above.append((column, match[1]))
    return parents


def test_the_drawing_is_the_tree() -> None:
    assert drawn_parents() == {kind.__name__: kind.__base__.__name__ for kind in descendants(StudioError)}


def test_every_error_has_a_kind_of_its_own() -> None:
    kinds = [kind.kind for kind in (StudioError, *descendants(StudioError))]
    assert len(kinds) == len(set(kinds))


@pytest.mark.parametrize("kind", [StudioError, *descendants(StudioError)], ids=lambda kind: kind.__name__)
def test_every_error_is_stored_as_a_fault_and_read_back(kind: type[StudioError]) -> None:
    given: Any = {InvalidRequest: Problem("seed", -1, "positive"), NoLimits: ["It broke"]}
    error = kind(given.get(kind, "It broke"))
    fault = error.fault("submit")
    assert (fault.kind, fault.stage) == (kind.kind, "submit")
    assert "broke" in fault.message or "seed is -1" in fault.message
    assert Fault.from_json(json.loads(json.dumps(fault.to_json()))) == fault


def test_a_fault_keeps_what_the_providers_support_asks_for() -> None:
    error = AuthenticationFailed("Invalid API-key provided.", code="InvalidApiKey", request_id="r-1", status=401)
    assert error.fault("submit") == Fault(
        "authentication_failed",
        "submit",
        "Invalid API-key provided.",
        charged="no",
        retryable=False,
        code="InvalidApiKey",
        request_id="r-1",
        status=401,
    )
    assert str(error) == "InvalidApiKey: Invalid API-key provided."


@pytest.mark.parametrize(
    ("error", "charged", "retryable"),
    [
        (ProviderError("no"), "no", False),
        (ProviderError("perhaps", task_made="unknown"), "unknown", False),
        (NotSent("no route"), "no", True),
        (ReplyLost("silence"), "unknown", True),
        (StorageFull("full"), "yes", True),
        (ResultExpired("gone"), "yes", False),
    ],
)
def test_a_fault_tells_whether_it_was_charged_and_can_be_repeated(
    error: StudioError, charged: str, retryable: bool
) -> None:
    fault = error.fault("submit")
    assert (fault.charged, fault.retryable) == (charged, retryable)


def test_an_invalid_request_names_every_field_its_value_and_the_rule() -> None:
    error = InvalidRequest(Problem("seed", -1, "0 or more"), Problem("ratio", "2:1", "one of 16:9, 1:1"))
    assert str(error) == "seed is -1; it must be 0 or more. ratio is '2:1'; it must be one of 16:9, 1:1."


def test_a_long_value_is_shown_in_part() -> None:
    shown = str(Problem("prompt", "x" * 1000, "short"))
    assert "xxx…" in shown
    assert len(shown) < 100
