"""The JUnit file of ``trillet test``, and conversations on a sandbox that runs already."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import TYPE_CHECKING, Any

import pytest

from conversation_projects import project, trillet_test
from faulty import ready_agent
from trillet._conversations.heard import Heard, Utterance
from trillet._conversations.judging import FAILED, Difference, Verdict
from trillet._conversations.junit import write_junit
from trillet._conversations.scripts import Script
from trillet.testing import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from recording_server import RecordingServer

CONVERSATIONS = """\
agent: front-desk
conversations:
  - {name: good, turns: [{caller: 'Opening hours?', expect: nine}]}
  - {name: 'bad & <worse>', turns: [{caller: Bananas, expect: 'yellow "ones"'}]}
  - {name: later, skip: not yet, turns: [{caller: Hello}]}
"""
# What the usual schema lets an element have, what it must have, and what may stand in it.
SCHEMA: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (
        {"name", "tests", "failures", "errors", "skipped", "time"},
        set(),
        {"testsuite"},
    ),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time"},
        {"name", "tests"},
        {"testcase"},
    ),
    "testcase": (
        {"name", "classname", "time", "file", "line"},
        {"name", "classname"},
        {"skipped", "error", "failure", "system-out"},
    ),
    "failure": ({"message", "type"}, set(), set()),
    "error": ({"message", "type"}, set(), set()),
    "skipped": ({"message"}, set(), set()),
    "system-out": (set(), set(), set()),
}


def check(element: ElementTree.Element) -> None:
    allowed, required, below = SCHEMA[element.tag]
    assert required <= set(element.keys()) <= allowed, element.tag
    assert {each.tag for each in element} <= below, element.tag
    for each in element:
        check(each)
    if element.tag.startswith("testsuite"):
        cases = list(element.iter("testcase"))
        assert int(element.attrib["tests"]) == len(cases)
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(element.attrib[name]) == sum(case.find(tag) is not None for case in cases)
        assert float(element.attrib["time"]) >= 0


def test_a_junit_file_has_every_conversation_with_its_transcript(tmp_path: Path) -> None:
    project(tmp_path, CONVERSATIONS)
    done = trillet_test(tmp_path, "agents", "--junit", "report.xml")
    assert done.returncode == 1
    root = ElementTree.parse(tmp_path / "report.xml").getroot()
    check(root)
    good, bad, later = root.iter("testcase")
    assert good.attrib["name"] == "good"
    assert good.attrib["classname"] == "agents.reception"
    assert "0:07 caller  Opening hours?" in (good.findtext("system-out") or "")
    assert bad.attrib["name"] == "bad & <worse>"
    failure = bad.find("failure")
    assert failure is not None
    assert failure.attrib["message"] == (
        'expected to contain “yellow "ones"”, found “I am sorry, I did not understand that.”'
    )
    assert (failure.text or "").startswith("agents/reception.test.yaml:4: expected ")
    skipped = later.find("skipped")
    assert skipped is not None
    assert skipped.attrib["message"] == "not yet"


def test_a_report_replaces_one_of_an_earlier_run_alone(tmp_path: Path) -> None:
    project(tmp_path, CONVERSATIONS)
    others = '<?xml version="1.0"?>\n<testsuites name="pytest tests"></testsuites>\n'
    (tmp_path / "others.xml").write_text(others)
    done = trillet_test(tmp_path, "agents", "--junit", "others.xml")
    assert done.returncode == 2
    assert "'others.xml' exists already, and no trillet test has made it" in done.stderr
    assert (tmp_path / "others.xml").read_text() == others
    for _ in range(2):
        assert trillet_test(tmp_path, "agents", "-k", "good", "--junit", "own.xml").returncode == 0


def test_errors_are_counted_as_such(tmp_path: Path) -> None:
    project(tmp_path, CONVERSATIONS)
    (tmp_path / "agents" / "front-desk.yaml").write_text("name: Front Desk\n")
    trillet_test(tmp_path, "agents", "--junit", "report.xml")
    root = ElementTree.parse(tmp_path / "report.xml").getroot()
    check(root)
    assert (root.attrib["errors"], root.attrib["failures"]) == ("2", "0")


def test_any_text_makes_a_file_that_can_be_read(tmp_path: Path) -> None:
    every = "".join(map(chr, [*range(0x250), 0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0x1F600])) + "]]>"
    script = Script(file=f"a{every}.test.yaml", line=1, name=every)
    heard = Heard(utterances=[Utterance(True, every, 1.0)])
    verdict = Verdict(script, FAILED, heard, [Difference(1, every, every)])
    write_junit(tmp_path / "report.xml", [verdict], 1.5)
    root = ElementTree.parse(tmp_path / "report.xml").getroot()
    check(root)
    (case,) = root.iter("testcase")
    assert case.attrib["name"] == "".join(
        "\ufffd" if (ord(c) < 32 and c not in "\t\n\r") or ord(c) in FORBIDDEN else c for c in every
    )


FORBIDDEN = {0xD800, 0xDFFF, 0xFFFE, 0xFFFF}


# MARK: A sandbox that runs already


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(speed=20_000) as sandbox:
        yield sandbox


def test_conversations_are_held_on_a_sandbox_that_runs_and_leave_nothing_there(
    tmp_path: Path, running: Sandbox
) -> None:
    project(tmp_path, CONVERSATIONS)
    done = trillet_test(tmp_path, "agents", "-k", "good", "--base-url", running.url)
    assert (done.returncode, done.stderr) == (0, "")
    client = running.client()
    agents: Any = client.agents.list()
    flows: Any = client.flows.list()
    assert (agents["agents"], flows["flows"], running.callers.list()) == ([], [], [])
    assert running.ledger().totals("calls.send").effects == 1


def test_the_agents_of_its_workspace_are_taken_where_no_folder_has_any(
    tmp_path: Path, running: Sandbox
) -> None:
    client = running.client()
    agent = ready_agent(client)
    name = client.agents.get(agent)["name"]
    file = tmp_path / "a.test.yaml"
    file.write_text(f"agent: {name}\nturns: [{{caller: Hello}}]\nends_with: caller\n")
    done = trillet_test(tmp_path, file, "--base-url", running.url)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    agents: Any = client.agents.list()
    assert [each["_id"] for each in agents["agents"]] == [agent]
    client.agents.delete(agent)


def test_nothing_but_a_sandbox_is_asked_to_call_anybody(
    tmp_path: Path, server: RecordingServer
) -> None:
    project(tmp_path, CONVERSATIONS)
    done = trillet_test(tmp_path, "agents", "--base-url", server.url, TRILLET_API_KEY="real-key")
    assert done.returncode == 2
    assert "is no sandbox" in done.stderr
    assert [request.path for request in server.requests] == ["/sandbox/callers"]
    assert all("x-api-key" not in request.headers for request in server.requests)
    real = trillet_test(tmp_path, "agents", "--base-url", "https://api.example.com")
    assert real.returncode == 2
    assert "its address begins with http://" in real.stderr


def test_a_sandbox_whose_time_stands_still_is_not_waited_for(
    tmp_path: Path, paused_sandbox: dict[str, Any]
) -> None:
    project(tmp_path, CONVERSATIONS)
    done = trillet_test(tmp_path, "agents", "--base-url", paused_sandbox["url"])
    assert done.returncode == 2
    assert "stands still" in done.stderr


def test_a_test_fixes_callers_and_forgets_them() -> None:
    with Sandbox(arguments=["--paused"]) as sandbox, sandbox.client() as client:
        agent = ready_agent(client)
        sandbox.callers.set("+15005551000", says=["Hello?", {"silence": 3}], answers_after=7)
        sandbox.callers.set("+15005551001", answers="busy")
        call = client.calls.send(agent, "+15005551000")
        sandbox.clock.advance(600)
        record: Any = client.calls.wait(call)["record"]
        assert [turn["content"] for turn in record["transcript"]][:1] == ["Hello?"]
        assert [each["number"] for each in sandbox.callers.list()] == [
            "+15005551000",
            "+15005551001",
        ]
        sandbox.callers.remove("+15005551000")
        sandbox.callers.clear()
        assert sandbox.callers.list() == []
