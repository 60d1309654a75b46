"""Ordering faults for requests to come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import trillet
from trillet.testing import Sandbox, SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(server: Sandbox) -> Sandbox:
    server.faults.clear()
    return server


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[trillet.Trillet]:
    with sandbox.client(max_retries=0) as client:
        yield client


def outcomes(client: trillet.Trillet, count: int) -> str:
    """A letter for every request: F for one that met a fault."""
    letters = ""
    for _ in range(count):
        try:
            client.agents.list()
        except trillet.ServerError:
            letters += "F"
        else:
            letters += "."
    return letters


def test_a_rule_strikes_once_if_nothing_else_is_said(
    sandbox: Sandbox, client: trillet.Trillet
) -> None:
    sandbox.faults.add("agents.list", "status")
    assert outcomes(client, 3) == "F.."


def test_a_rule_lets_some_pass_and_strikes_as_often_as_it_says(
    sandbox: Sandbox, client: trillet.Trillet
) -> None:
    sandbox.faults.add("agents.list", "status", skip=2, count=3)
    assert outcomes(client, 7) == "..FFF.."


def test_a_rule_without_count_strikes_until_it_is_removed(
    sandbox: Sandbox, client: trillet.Trillet
) -> None:
    identifier = sandbox.faults.add("*", "status", count=None)
    assert outcomes(client, 4) == "FFFF"
    sandbox.faults.remove(identifier)
    assert outcomes(client, 2) == ".."


def test_a_rule_concerns_its_operation_on_both_routes_only(
    sandbox: Sandbox, client: trillet.Trillet
) -> None:
    sandbox.faults.add("agents.list", "status", count=2)
    client.flows.list()
    with pytest.raises(trillet.ServerError):
        client.agents.list(options={"routes": "published"})
    assert outcomes(client, 2) == "F."


def test_rules_are_used_up_in_their_order(sandbox: Sandbox, client: trillet.Trillet) -> None:
    sandbox.faults.add("agents.list", "status", status=500)
    sandbox.faults.add("*", "status", status=502)
    statuses = []
    for _ in range(2):
        with pytest.raises(trillet.ServerError) as caught:
            client.agents.list()
        statuses.append(caught.value.status)
    assert statuses == [500, 502]


def test_a_rule_tells_what_is_left_of_it(sandbox: Sandbox, client: trillet.Trillet) -> None:
    identifier = sandbox.faults.add("agents.list", "delay", count=3, ms=1)
    client.agents.list()
    (rule,) = sandbox.faults.list()
    assert rule == {
        "id": identifier,
        "operation": "agents.list",
        "fault": "delay",
        "count": 3,
        "skip": 0,
        "probability": 1,
        "remaining": 2,
        "applied": 1,
        "ms": 1,
        "when": "before",
    }


def test_the_header_comes_before_the_rules_and_uses_none_up(
    sandbox: Sandbox, client: trillet.Trillet
) -> None:
    sandbox.faults.add("agents.list", "status", status=500)
    headers = {"x-sandbox-fault": "status; status=502"}
    with pytest.raises(trillet.ServerError) as caught:
        client.agents.list(options={"headers": headers})
    assert caught.value.status == 502
    assert outcomes(client, 2) == "F."


def test_the_same_seed_has_the_same_faults() -> None:
    def run(seed: int) -> str:
        with Sandbox(seed=seed) as sandbox, sandbox.client(max_retries=0) as client:
            sandbox.faults.add("agents.list", "status", count=None, probability=0.3)
            return outcomes(client, 100)

    first = run(5)
    assert run(5) == first
    assert run(6) != first
    assert 15 <= first.count("F") <= 45


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"fault": "earthquake"}, "earthquake"),
        ({"fault": None}, "fault is required"),
        ({"fault": "reset", "operation": "calls.receive"}, "calls.receive"),
        ({"fault": "reset", "when": "tomorrow"}, "before or during or after"),
        ({"fault": "reset", "ms": 5}, "ms"),
        ({"fault": "status", "status": 200}, "400 to 599"),
        ({"fault": "status", "status": "many"}, "many"),
        ({"fault": "delay", "ms": -1}, "ms"),
        ({"fault": "content-type", "contentType": "a\nb"}, "contentType"),
        ({"fault": "reset", "count": 0}, "count"),
        ({"fault": "reset", "skip": -1}, "skip"),
        ({"fault": "reset", "probability": 2}, "probability"),
    ],
)
def test_a_wrong_rule_is_refused_with_the_reason(
    sandbox: Sandbox, order: dict[str, Any], words: str
) -> None:
    with pytest.raises(SandboxError) as caught:
        sandbox.control("POST", "/sandbox/faults", order)
    assert "400" in str(caught.value)
    assert words in str(caught.value)
    assert not sandbox.faults.list()


@pytest.mark.parametrize("header", ["earthquake", "", "reset when=after", "reset; when", "a=b"])
def test_a_wrong_header_is_refused_and_nothing_is_done(
    client: trillet.Trillet, header: str
) -> None:
    if not header:
        header = ";"
    with pytest.raises(trillet.RejectedError) as caught:
        client.agents.list(options={"headers": {"x-sandbox-fault": header}})
    assert caught.value.status == 400
    assert caught.value.code == "invalid_fault"


def test_removing_an_unknown_rule_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="404"):
        sandbox.faults.remove(999)


def test_the_controls_themselves_meet_no_faults(sandbox: Sandbox) -> None:
    sandbox.faults.add("*", "reset", count=None)
    assert len(sandbox.faults.list()) == 1
    sandbox.faults.clear()
    assert not sandbox.faults.list()
