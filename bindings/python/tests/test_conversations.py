"""``trillet test``: conversations that are held on a sandbox of their own."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from conftest import ROOT
from conversation_projects import project, trillet_test

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLE = ROOT / "examples" / "conversations"

GOOD = """\
name: opening hours
variables: {first_name: Ada}
turns:
  - expect: Hi Ada, this is Front Desk.
  - caller: What are your opening hours?
    expect: {equals: "Nine to five, Ada."}
"""
TWO = """\
agent: Front Desk
conversations:
  - name: bananas
    turns:
      - caller: Bananas?
        expect:
          contains: yellow
          not_contains: [not understand]
      - caller: A person, please.
      - caller: Are you there?
    transferred_to: "+12025550100"
    max_duration: 10
    outcome: failed
    analysis: {answered_by_voicemail: true, mood: good}
  - name: hours
    turns:
      - caller: Your opening hours?
        expect: nine to five
"""


def test_the_conversations_of_the_example_are_as_expected() -> None:
    done = trillet_test(EXAMPLE, "agents")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\nok ") + done.stdout.startswith("ok ") == 6
    assert "6 conversations in " in done.stdout


def test_a_file_without_an_agent_is_about_the_only_one(tmp_path: Path) -> None:
    done = trillet_test(tmp_path, project(tmp_path, GOOD))
    assert (done.returncode, done.stderr) == (0, "")


def test_each_difference_is_told_with_its_place_and_what_was_said(tmp_path: Path) -> None:
    project(tmp_path, TWO)
    done = trillet_test(tmp_path, "agents")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    file = "agents/reception.test.yaml"
    assert lines[0].startswith(f"FAILED  {file}: bananas (0:1")
    assert lines[1:] == [
        f"  {file}:7: expected to contain “yellow”",
        "    after the caller said “Bananas?”",
        "    found “I am sorry, I did not understand that.”",
        f"  {file}:8: expected not to contain “not understand”",
        "    after the caller said “Bananas?”",
        "    found “I am sorry, I did not understand that.”",
        f"  {file}:10: expected the caller to say “Are you there?”",
        "    found the call had ended before: transfer to +12025550199",
        f"  {file}:11: expected a transfer to +12025550100",
        "    found +12025550199",
        f"  {file}:12: expected it to take at most 10 s",
        "    found 17 s",
        f"  {file}:13: expected the outcome failed",
        "    found completed",
        f"  {file}:14: expected analysis.answered_by_voicemail to be True",
        "    found False",
        f"  {file}:14: expected analysis.mood to be 'good'",
        "    found it is not there",
        "    | 0:05 agent   Hi, this is Front Desk.",
        "    | 0:07 caller  Bananas?",
        "    | 0:09 agent   I am sorry, I did not understand that.",
        "    | 0:12 caller  A person, please.",
        "    | 0:14 agent   I am connecting you now.",
        "ok      agents/reception.test.yaml: hours (0:12)",
        lines[-1],
    ]
    assert lines[-1].endswith("1 passed, 1 failed")


@pytest.mark.parametrize(
    ("turns", "ends", "found"),
    [
        ("caller: A person", "hangup", "transfer to +12025550199"),
        ("caller: Hello", "agent", "the caller hung up"),
        ("silence: 40", "transfer", "the agent ended the call after a silence"),
    ],
)
def test_an_end_that_was_not_expected_is_told_in_words(
    tmp_path: Path, turns: str, ends: str, found: str
) -> None:
    file = project(tmp_path, f"turns: [{{{turns}}}]\nends_with: {ends}\n")
    done = trillet_test(tmp_path, file)
    assert done.returncode == 1
    assert f"expected it to end with {ends}\n    found {found}\n" in done.stdout


def test_json_has_the_whole_of_it(tmp_path: Path) -> None:
    project(tmp_path, TWO)
    done = trillet_test(tmp_path, "agents", "--output", "json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["counts"] == {"passed": 1, "failed": 1, "error": 0, "skipped": 0, "not run": 0}
    first, second = told["conversations"]
    assert (first["result"], second["result"]) == ("failed", "passed")
    assert first["differences"][0] == {
        "line": 7,
        "expected": "to contain “yellow”",
        "found": "“I am sorry, I did not understand that.”",
        "caller": "Bananas?",
    }
    assert (first["endedBy"], first["transferredTo"]) == ("transfer", "+12025550199")
    assert second["transcript"][1] == {
        "role": "caller",
        "content": "Your opening hours?",
        "seconds": 7.5,
    }


def test_some_of_them_may_be_chosen_or_only_listed(tmp_path: Path) -> None:
    project(tmp_path, TWO)
    chosen = trillet_test(tmp_path, "agents", "-k", "HOURS")
    assert chosen.returncode == 0
    assert chosen.stdout.count("ok ") == 1
    nothing = trillet_test(tmp_path, "agents", "-k", "apples")
    assert nothing.returncode == 2
    assert "no conversation contains apples" in nothing.stderr
    # Nothing is started for a list.
    listed = trillet_test(tmp_path, "agents", "--list", TRILLET_SANDBOX="/nowhere")
    assert listed.stdout.splitlines() == [
        "agents/reception.test.yaml:3: bananas",
        "agents/reception.test.yaml:15: hours",
    ]
    as_json = trillet_test(tmp_path, "agents", "--list", "--output", "json")
    assert [each["name"] for each in json.loads(as_json.stdout)["conversations"]] == [
        "bananas",
        "hours",
    ]


def test_after_the_first_failure_the_others_may_be_left_out(tmp_path: Path) -> None:
    project(tmp_path, TWO)
    done = trillet_test(tmp_path, "agents", "--fail-fast")
    assert done.returncode == 1
    assert "not run agents/reception.test.yaml: hours" in done.stdout


def test_one_may_be_skipped_with_a_reason(tmp_path: Path) -> None:
    file = project(tmp_path, GOOD + "skip: not yet\n")
    done = trillet_test(tmp_path, file)
    assert done.returncode == 0
    assert "opening hours: not yet" in done.stdout


def test_fifty_conversations_take_a_few_seconds(tmp_path: Path) -> None:
    conversations = "".join(
        f"  - {{name: {n}, turns: [{{caller: 'Opening hours?', expect: nine}}]}}\n"
        for n in range(150)
    )
    project(tmp_path, f"conversations:\n{conversations}")
    begun = time.monotonic()
    done = trillet_test(tmp_path, "agents")
    assert done.returncode == 0, done.stdout[-2000:]
    assert done.stdout.count("ok ") == 150
    assert time.monotonic() - begun < 30


def test_what_the_service_refuses_is_an_error_of_the_conversation(tmp_path: Path) -> None:
    project(tmp_path, GOOD)
    (tmp_path / "agents" / "front-desk.yaml").write_text("name: Front Desk\nllmModel: gpt\n")
    done = trillet_test(tmp_path, "agents")
    assert done.returncode == 1
    assert "ERROR   agents/reception.test.yaml: opening hours: " in done.stdout
    assert "ttsModel" in done.stdout


def test_words_that_steer_a_terminal_are_shown_as_what_they_are(tmp_path: Path) -> None:
    heard = 'turns: [{caller: "\\x1b[2Jclear", expect: blue}]\n'
    project(tmp_path, heard)
    done = trillet_test(tmp_path, "agents")
    assert done.returncode == 1
    assert "\u001b" not in done.stdout
    assert "Bell\\x07 and \\x1b[31mred." in done.stdout


def test_a_line_that_the_stand_in_cannot_follow_is_told_with_a_failure(tmp_path: Path) -> None:
    project(tmp_path, "turns: [{caller: I am angry, expect: calm}]\n")
    (tmp_path / "flows" / "reception.md").write_text("- If the caller is angry, soothe them.\n")
    done = trillet_test(tmp_path, "agents")
    assert "does not follow: If the caller is angry, soothe them." in done.stdout


def test_a_sandbox_that_is_not_installed_is_named(tmp_path: Path) -> None:
    done = trillet_test(tmp_path, project(tmp_path, GOOD), TRILLET_SANDBOX="/nowhere")
    assert done.returncode == 2
    assert "/nowhere" in done.stderr


@pytest.mark.parametrize(("flow", "rest"), [("agent: front-desk", ""), ("", "agent: front-desk")])
def test_one_of_several_flows_is_named(tmp_path: Path, flow: str, rest: str) -> None:
    file = project(tmp_path, f"flow: holidays\n{rest}\nturns: [{{expect: Closed}}]\n")
    (tmp_path / "flows" / "holidays.yaml").write_text(
        f"name: Holidays\n{flow}\npromptType: simple\nwelcomeMessage: ai_custom\n"
        "customWelcomeMessage: Closed until Monday.\n"
    )
    done = trillet_test(tmp_path, file)
    assert (done.returncode, done.stderr) == (0, "")
