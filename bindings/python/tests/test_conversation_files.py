"""Mistakes in files of conversations: each is told with its line, and nothing runs."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from conversation_projects import project, trillet_test
from trillet._conversations.mistakes import FilesError
from trillet._conversations.reading import read_scripts
from trillet._conversations.scripts import Claim

if TYPE_CHECKING:
    from pathlib import Path

TURNS = "turns: [{caller: Hello}]\n"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "must be a mapping"),
        ("- a\n", 1, "must be a mapping"),
        ("name: [\n", 2, "no YAML"),
        ("name: a\n\tturns: b\n", 2, "no YAML"),
        ("name: a\nname: b\n" + TURNS, 2, "name stands here twice"),
        ("name: a\n", 1, "turns is missing"),
        ("nane: a\n" + TURNS, 1, "nane is not known: did you mean name?"),
        ("name: {a: b}\n" + TURNS, 1, "name must be a text"),
        ("name:\n" + TURNS, 1, "name must be a text"),
        ("turns: []\n", 1, "turns must be a list"),
        ("turns: [Hello]\n", 1, "a turn is a mapping"),
        ("turns:\n- caler: Hello\n", 2, "caler is not known: did you mean caller?"),
        ("turns:\n- caller: Hello\n- expect: a\n", 3, "caller is missing"),
        ("turns:\n- {caller: Hello, silence: 3}\n", 2, "not both in one turn"),
        ("turns:\n- {silence: 3, expect: a}\n", 2, "says nothing after a silence"),
        ("turns:\n- {silence: soon}\n", 2, "silence must be a whole number of seconds"),
        ("turns:\n- caller: Hello\n  expect: []\n", 3, "expect is empty"),
        ("turns:\n- caller: Hello\n  expect: {contain: a}\n", 3, "did you mean contains?"),
        ("turns:\n- expect:\n    matches: '('\n", 3, "matches is no regular expression"),
        ("turns:\n- expect:\n    any_of: a\n", 3, "any_of must be a list"),
        ("turns:\n- expect:\n    contains: {a: b}\n", 3, "contains must be a text"),
        (f"turns:\n- caller: {'x' * 4097}\n", 2, "more than 4096 bytes"),
        (TURNS + "ends_with: transfers\n", 2, "did you mean transfer?"),
        (TURNS + "ends_with: silence\ntransferred_to: b\n", 3, "needs ends_with: transfer"),
        (TURNS + "max_duration: 0\n", 2, "max_duration must be a whole number"),
        (TURNS + "outcome: complete\n", 2, "did you mean completed?"),
        (TURNS + "analysis: a\n", 2, "analysis must be a mapping"),
        (TURNS + "variables: {a: [b]}\n", 2, "variables.a must be one value"),
        (TURNS + "answers: busy\n", 1, "turns needs a person"),
        ("conversations:\n- name: a\n  turns: [{expect: b}]\n- Hello\n", 4, "is a mapping"),
        ("conversations:\n- turns: [{expect: b}]\n", 2, "name is missing"),
        ("conversations:\n- &a {name: b, turns: [{expect: c}]}\n- *a\n", 2, "another conversation"),
        ("variables: &a\n  b: *a\n" + TURNS, 1, "is nested too deeply"),
        ("conversations: []\nturns: []\n", 2, "turns is not known"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    file = tmp_path / "a.test.yaml"
    file.write_text(text)
    with pytest.raises(FilesError) as caught:
        read_scripts([file])
    told = [str(each) for each in caught.value.mistakes if each.line == line]
    assert any(words in each for each in told), caught.value.mistakes
    assert told[0].startswith(f"{file}:{line}: ")


def test_all_mistakes_of_all_files_are_told_at_once_and_nothing_runs(tmp_path: Path) -> None:
    project(tmp_path, "nane: a\nends_with: b\n", "a.test.yaml")
    project(tmp_path, TURNS + "outcome: c\n", "b.test.yaml")
    done = trillet_test(tmp_path, "agents", TRILLET_SANDBOX="/nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert [line.rpartition(": ")[0].partition(": ")[0] for line in done.stderr.splitlines()] == [
        "agents/a.test.yaml:1",
        "agents/a.test.yaml:1",
        "agents/a.test.yaml:2",
        "agents/b.test.yaml:2",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("agent: Frond Desk\n", "1: there is no agent Frond Desk: did you mean Front Desk?"),
        ("\nflow: Reseption\n", "2: there is no flow Reseption: did you mean Reception?"),
    ],
)
def test_an_agent_or_flow_that_is_not_there_is_a_mistake(
    tmp_path: Path, text: str, words: str
) -> None:
    project(tmp_path, text + TURNS)
    done = trillet_test(tmp_path, "agents", TRILLET_SANDBOX="/nowhere")
    assert done.returncode == 2
    assert done.stderr == f"agents/reception.test.yaml:{words}\n"


def test_which_flow_is_meant_must_be_said(tmp_path: Path) -> None:
    project(tmp_path, TURNS)
    (tmp_path / "flows" / "other.yaml").write_text("name: Other\nagent: Front Desk\n")
    done = trillet_test(tmp_path, "agents", TRILLET_SANDBOX="/nowhere")
    assert done.returncode == 2
    assert "has several flows; choose by flow: Other, Reception" in done.stderr


def test_mistakes_of_agents_and_flows_are_told_too(tmp_path: Path) -> None:
    project(tmp_path, TURNS)
    (tmp_path / "agents" / "front-desk.yaml").write_text("name: [\n")
    (tmp_path / "flows" / "reception.md").unlink()
    done = trillet_test(tmp_path, "agents", TRILLET_SANDBOX="/nowhere")
    assert done.returncode == 2
    assert "front-desk.yaml:2: no YAML" in done.stderr
    place = tmp_path / "flows" / "reception"
    assert f"{place}.yaml:5: {place}.md cannot be read" in done.stderr


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        ("name: Front Desk\nisInbound: yes\n", "2: yes: write true or false"),
        ("name: Front Desk\nname: Night Desk\n", "2: name stands here twice"),
        ("name: &name Front Desk\nnote: *name\n", "1: &name: anchors are not used here"),
        ("name: Front Desk\ncode: 0123\n", "2: 0123: quote it if it is a text"),
        ("name: Front Desk\nsince: 2031-03-04\n", "2: 2031-03-04: quote it if it is a text"),
        ("name: Front Desk\nsystemPrompt: ../../x.md\n", "2: {agents}/../../x.md is outside of"),
    ],
)
def test_agents_are_read_as_strictly_as_trillet_apply_reads_them(
    tmp_path: Path, agent: str, told: str
) -> None:
    project(tmp_path, TURNS)
    (tmp_path / "agents" / "front-desk.yaml").write_text(agent)
    done = trillet_test(tmp_path, "agents", TRILLET_SANDBOX="/nowhere")
    assert done.returncode == 2
    agents = tmp_path / "agents"
    assert f"{agents}/front-desk.yaml:{told.format(agents=agents)}" in done.stderr


def test_a_path_without_conversations_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "has no file of conversations" in trillet_test(tmp_path, "empty").stderr
    missing = trillet_test(tmp_path, "missing.test.yaml")
    assert (missing.returncode, missing.stderr) == (
        2,
        "missing.test.yaml:1: cannot be read: No such file or directory\n",
    )


def test_agents_are_above_the_file_or_where_one_says(tmp_path: Path) -> None:
    file = project(tmp_path, TURNS).rename(tmp_path / "a.test.yaml")
    (tmp_path / "far").mkdir()
    far = file.rename(tmp_path / "far" / "a.test.yaml")
    assert trillet_test(tmp_path, "far", "--list").returncode == 0
    lost = trillet_test(tmp_path, far, "--project", "far", TRILLET_SANDBOX="/nowhere")
    assert (lost.returncode, "agent is missing" in lost.stderr) == (2, True)


def test_without_a_yaml_reader_the_extra_is_named(tmp_path: Path) -> None:
    file = project(tmp_path, TURNS)
    program = (
        "import sys; sys.modules['yaml'] = None\n"
        "from trillet._command.command import main\n"
        f"sys.exit(main(['test', {str(file)!r}]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(sys.path)},
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "pip install 'trillet[code]'" in done.stderr


def test_words_stay_the_words_that_stand_there(tmp_path: Path) -> None:
    file = tmp_path / "a.test.yaml"
    file.write_text(
        "turns:\n- {caller: yes, expect: no}\nvariables: {order: 0123, on: 2031-03-04}\n"
        "analysis: {a: true, b: 3, c: 1.5, d: ~, e: x}\n"
    )
    (script,) = read_scripts([file])
    assert script.name == "a"
    assert (script.turns[0].says, script.turns[0].expect[0].text) == ("yes", "no")
    assert script.variables == {"order": "0123", "on": "2031-03-04"}
    assert script.analysis == {"a": True, "b": 3, "c": 1.5, "d": None, "e": "x"}


@pytest.mark.parametrize(
    ("claim", "said", "holds"),
    [
        (Claim(1, "contains", "nine  to five"), "From NINE to\nfive.", True),
        (Claim(1, "contains", "ten"), "Nine.", False),
        (Claim(1, "not_contains", "ten"), "Nine.", True),
        (Claim(1, "not_contains", "nine"), "Nine.", False),
        (Claim(1, "equals", "Nine."), " Nine. ", True),
        (Claim(1, "equals", "nine."), "Nine.", False),
        (Claim(1, "matches", r"\bN\w+"), "Nine.", True),
        (Claim(1, "matches", "nine"), "Nine.", False),
        (
            Claim(1, "any_of", others=(Claim(1, "contains", "a"), Claim(1, "equals", "b"))),
            "b",
            True,
        ),
        (Claim(1, "any_of", others=(Claim(1, "contains", "a"),)), "b", False),
    ],
)
def test_what_an_expectation_means(claim: Claim, said: str, holds: bool) -> None:
    assert claim.holds(said) is holds
