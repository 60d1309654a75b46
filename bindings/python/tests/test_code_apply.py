"""``trillet apply``: each object once, in an order that works, also where answers are lost."""

from __future__ import annotations

import fcntl
import json
from typing import TYPE_CHECKING, Any

import pytest

from code_folders import (
    OTHER,
    VOICE,
    Desk,
    changed,
    copied_for,
    desk,
    files_of,
    new_sandbox,
    project,
    sandbox,
    small_workspace,
)
from code_storm import start
from conftest import WORKSPACE

if TYPE_CHECKING:
    from pathlib import Path

    from trillet.testing import Sandbox

__all__ = ["desk", "sandbox"]

QUICK = ("--yes", "--settle", 0.2)


@pytest.fixture
def source(desk: Desk, tmp_path: Path) -> Path:
    """A folder of a workspace in which objects name each other."""
    with desk.client() as client:
        small_workspace(client)
    assert desk.run("pull", tmp_path / "source").status == 0
    return tmp_path / "source"


@pytest.fixture
def target(source: Path, tmp_path: Path) -> Path:
    """The same files, for a workspace that is empty."""
    return copied_for(source, tmp_path / "target")


def effects(sandbox: Sandbox, operation: str) -> int:
    return sandbox.ledger().totals(operation).effects


def test_an_empty_workspace_becomes_the_same(
    desk: Desk, source: Path, target: Path, tmp_path: Path
) -> None:
    done = desk.run("apply", target, "--yes")
    assert (done.status, done.out.splitlines()[-1]) == (0, "3 created, 0 changed, 0 deleted")
    assert desk.run("plan", target, "--exit-code").status == 0
    desk.use(OTHER)
    assert desk.run("pull", tmp_path / "again").status == 0
    assert files_of(tmp_path / "again") == files_of(source)


def test_an_apply_that_has_nothing_to_do_sends_nothing(
    desk: Desk, source: Path, sandbox: Sandbox
) -> None:
    before = effects(sandbox, "agents.update"), effects(sandbox, "flows.update")
    assert desk.run("apply", source).status == 0
    assert (effects(sandbox, "agents.update"), effects(sandbox, "flows.update")) == before


def test_nothing_is_sent_if_nobody_agrees(desk: Desk, target: Path, sandbox: Sandbox) -> None:
    done = desk.run("apply", target)
    assert done.status == 2
    assert "nobody can answer here: add --yes" in done.err
    assert effects(sandbox, "agents.create") == 1


def test_nothing_is_sent_while_a_variable_is_not_set(
    desk: Desk, target: Path, sandbox: Sandbox
) -> None:
    changed(target / "agents/front-desk.yaml", "branch: north", "branch: ${BRANCH_OF_SHOP}")
    assert desk.run("plan", target).status == 0
    done = desk.run("apply", target, "--yes")
    assert done.status == 2
    assert "front-desk.yaml: set BRANCH_OF_SHOP" in done.err
    assert effects(sandbox, "agents.create") == 1
    desk.set("BRANCH_OF_SHOP", "south")
    assert desk.run("apply", target, "--yes").status == 0


@pytest.mark.parametrize("when", ["before", "during", "after"])
@pytest.mark.parametrize("operation", ["agents.create", "flows.create", "knowledge_bases.create"])
def test_a_create_whose_answer_is_lost_is_made_once(
    desk: Desk, target: Path, sandbox: Sandbox, operation: str, when: str
) -> None:
    sandbox.faults.add(operation, "reset", when=when)
    done = desk.run("apply", target, *QUICK)
    assert done.status == 0, done.err
    assert "that may have been created" in done.err
    assert effects(sandbox, operation) == 2
    assert desk.run("plan", target, "--exit-code").status == 0


def test_a_create_of_a_killed_apply_is_found_by_name_where_the_marker_is_gone(
    desk: Desk, target: Path, sandbox: Sandbox
) -> None:
    sandbox.faults.add("agents.create", "reset", when="after")
    command = start(sandbox, OTHER, "apply", target, "--yes")
    while effects(sandbox, "agents.create") < 2:
        assert command.poll() is None
    command.kill()
    command.communicate()
    with desk.client(OTHER) as client:
        agent: Any = next(iter(client.agents.list_all()))
        assert agent["variables"]["trillet_file"] == "shop/agents/front-desk"
        whole = {name: agent[name] for name in ("name", "llmModel", "ttsModel")}
        request = {"agentId": agent["_id"], **whole}
        client.call("agents.update", request, options={"routes": "published"})
    done = desk.run("apply", target, *QUICK)
    assert done.status == 0, done.err
    assert effects(sandbox, "agents.create") == 2
    assert desk.run("plan", target, "--exit-code").status == 0


def test_two_objects_that_a_lost_create_may_have_made_stop_it(
    desk: Desk, target: Path, sandbox: Sandbox
) -> None:
    with desk.client(OTHER) as client:
        for _ in range(2):
            client.agents.create(
                name="Front Desk",
                llm_model="gpt-5",
                tts_model=VOICE,
                variables={"trillet_file": "shop/agents/front-desk"},
            )
    before = effects(sandbox, "agents.create")
    done = desk.run("apply", target, *QUICK)
    assert "2 agents say that they are kept in agents/front-desk.yaml" in done.out
    assert done.status != 0
    assert effects(sandbox, "agents.create") == before


def test_an_object_that_is_there_already_is_taken_and_not_made_again(
    desk: Desk, target: Path, sandbox: Sandbox
) -> None:
    with desk.client(OTHER) as client:
        client.agents.create(name="Front Desk", llm_model="gpt-5", tts_model=VOICE)
    done = desk.run("apply", target, *QUICK)
    assert done.status == 0, done.err
    assert done.out.splitlines()[-1] == "2 created, 1 changed, 0 deleted"
    assert effects(sandbox, "agents.create") == 2


def test_two_objects_of_one_name_are_not_guessed(
    desk: Desk, target: Path, sandbox: Sandbox
) -> None:
    with desk.client(OTHER) as client:
        for _ in range(2):
            client.agents.create(name="Front Desk", llm_model="gpt-5", tts_model=VOICE)
    plan = desk.run("plan", target)
    assert "the workspace has 2 agents called 'Front Desk'" in plan.out
    before = effects(sandbox, "agents.create"), files_of(target)
    desk.use(OTHER)
    pulled = desk.run("pull", target)
    assert pulled.status == 1
    assert "kept agents/front-desk: the workspace has 2 agents" in pulled.out
    assert desk.run("apply", target, *QUICK).status != 0
    assert (effects(sandbox, "agents.create"), files_of(target)) == before


def test_webhooks_are_added_once_and_never_changed(
    desk: Desk, source: Path, sandbox: Sandbox
) -> None:
    file = source / "flows/renewal-reminder.yaml"
    hook = "webhooks:\n  - name: crm\n    url: https://crm.example.com/1\n"
    changed(file, "webhooks: []\n", hook)
    sandbox.faults.add("flows.update", "reset", when="after")
    assert desk.run("apply", source, *QUICK).status == 0
    with desk.client() as client:
        (flow,) = [client.flows.get(each["_id"]) for each in client.flows.list_all()]
    assert [each["url"] for each in flow["webhooks"]] == ["https://crm.example.com/1"]
    changed(file, "com/1", "com/2")
    plan = desk.run("plan", source)
    assert "the service adds webhooks and changes none" in plan.out
    assert "0 to change" in plan.out


def test_a_refused_object_does_not_hold_up_the_others(
    desk: Desk, target: Path, sandbox: Sandbox
) -> None:
    changed(target / "flows/renewal-reminder.yaml", "delay: 1", "delay: soon")
    done = desk.run("apply", target, *QUICK)
    assert done.status == 4
    assert "flows/renewal-reminder: flows.create" in done.err
    assert "2 created" in done.out
    changed(target / "flows/renewal-reminder.yaml", "delay: soon", "delay: 2")
    assert desk.run("apply", target, *QUICK).status == 0
    assert effects(sandbox, "flows.create") == 2
    assert desk.run("plan", target, "--exit-code").status == 0


def test_a_wrong_key_stops_it_at_once(desk: Desk, target: Path) -> None:
    desk.set("TRILLET_API_KEY", "wrong")
    assert desk.run("apply", target, "--yes").status == 3


def test_two_applies_do_not_work_in_one_folder(desk: Desk, target: Path) -> None:
    (target / ".trillet").mkdir()
    with open(target / ".trillet/lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = desk.run("apply", target, "--yes")
    assert done.status == 4
    assert "another trillet pull or apply is at work here" in done.err


@pytest.mark.parametrize("has_state", [True, False])
def test_a_file_may_be_renamed(desk: Desk, target: Path, sandbox: Sandbox, has_state: bool) -> None:
    assert desk.run("apply", target, *QUICK).status == 0
    for ending in ("yaml", "md"):
        (target / f"agents/front-desk.{ending}").rename(target / f"agents/reception.{ending}")
    changed(target / "agents/reception.yaml", "front-desk.md", "reception.md")
    changed(target / "flows/renewal-reminder.yaml", "agent: front-desk", "agent: reception")
    if not has_state:
        (target / ".trillet/state/production.json").unlink()
    plan = desk.run("plan", target, "--prune", "--exit-code")
    assert plan.status == 0, plan.out
    assert desk.run("apply", target, *QUICK, "--prune").status == 0
    assert (effects(sandbox, "agents.create"), effects(sandbox, "agents.delete")) == (2, 0)


# MARK: Deleting


def gone(folder: Path, *names: str) -> None:
    for name in names:
        for ending in (".yaml", ".md"):
            (folder / f"{name}{ending}").unlink(missing_ok=True)


def test_what_has_no_file_any_more_is_deleted_only_when_told(
    desk: Desk, source: Path, sandbox: Sandbox
) -> None:
    gone(source, "flows/renewal-reminder")
    changed(source / "agents/front-desk.yaml", "pathway: renewal-reminder", "pathway: null")
    plan = desk.run("plan", source)
    assert "flows/renewal-reminder: its file is gone: apply --prune deletes it" in plan.out
    assert desk.run("apply", source, "--yes").status == 0
    assert effects(sandbox, "flows.delete") == 0
    assert "- flows/renewal-reminder  delete\n" in desk.run("plan", source, "--prune").out
    done = desk.run("apply", source, "--yes", "--prune")
    assert done.out.splitlines()[-1] == "0 created, 0 changed, 1 deleted"
    assert effects(sandbox, "flows.delete") == 1
    assert desk.run("plan", source, "--exit-code", "--prune").status == 0


def test_a_flow_is_deleted_without_the_agent_that_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with new_sandbox("--routes", "published", "--quirks") as sandbox:
        desk = Desk(sandbox, monkeypatch, capsys)
        with desk.client(routes="published") as client:
            small_workspace(client)
        assert desk.run("pull", tmp_path).status == 0
        gone(tmp_path, "flows/renewal-reminder")
        changed(
            tmp_path / "agents/front-desk.yaml", "pathway: renewal-reminder\n", "pathway: null\n"
        )
        done = desk.run("apply", tmp_path, *QUICK, "--prune")
        assert done.status == 0, done.err
        with desk.client() as client:
            assert [agent["name"] for agent in client.agents.list_all()] == ["Front Desk"]
            assert list(client.flows.list_all()) == []


def test_what_others_use_is_not_deleted(desk: Desk, source: Path, sandbox: Sandbox) -> None:
    with desk.client() as client:
        (agent,) = client.agents.list_all()
        client.flows.create(
            name="Theirs", direction="inbound", prompt_type="simple", agent=agent["_id"]
        )
    gone(source, "flows/renewal-reminder", "agents/front-desk")
    changed(source / "numbers/+12025550100.yaml", "agent: front-desk\n", "")
    done = desk.run("apply", source, *QUICK, "--prune")
    assert "agents/front-desk: its file is gone, but flow 'Theirs' still uses it" in done.out
    assert (
        "flows/renewal-reminder: its file is gone, but agents/front-desk still uses it" in done.out
    )
    assert (effects(sandbox, "agents.delete"), effects(sandbox, "flows.delete")) == (0, 0)


# MARK: Several workspaces, numbers, files


def test_workspaces_differ_where_the_settings_say_so(desk: Desk, source: Path) -> None:
    more = (
        "    overrides:\n      agents/front-desk:\n        llmModel: gpt-5\n"
        "        variables: {branch: '${SHOP_BRANCH}'}\n"
    )
    project(source, WORKSPACE, OTHER, more=more)
    for name in (WORKSPACE, OTHER):
        (source / f".trillet/state/{name}.json").unlink(missing_ok=True)
    desk.set("SHOP_BRANCH", "south")
    before = files_of(source)
    assert desk.run("plan", source).status == 2
    done = desk.run("apply", source, "--workspace", OTHER, *QUICK)
    assert done.status == 0, done.err
    with desk.client(OTHER) as client:
        (agent,) = client.agents.list_all()
    assert (agent["llmModel"], agent["variables"]["branch"]) == ("gpt-5", "south")
    assert "the workspace does not have this number" in done.out
    assert desk.run("pull", source, "--workspace", OTHER).status == 0
    assert files_of(source) == before
    assert desk.run("plan", source, "--workspace", OTHER, "--exit-code").status == 0
    assert desk.run("plan", source, "--workspace", WORKSPACE, "--exit-code").status == 0


def test_a_number_is_configured_and_given_to_another_agent(desk: Desk, source: Path) -> None:
    (source / "agents/night.yaml").write_text(
        "name: Night\nllmModel: gpt-5\nttsModel: {provider: rime, voiceId: v, language: en}\n"
    )
    file = source / "numbers/+12025550100.yaml"
    changed(file, "agent: front-desk", "agent: night\nlabel: Main line")
    done = desk.run("apply", source, *QUICK)
    assert done.status == 0, done.err
    with desk.client() as client:
        number = next(each for each in client.numbers.list() if each["phoneNumber"] == file.stem)
        night = next(each for each in client.agents.list_all() if each["name"] == "Night")
        config: Any = client.numbers.get_config(number["_id"])
    assert (config["agentId"], config["label"]) == (night["_id"], "Main line")
    assert desk.run("plan", source, "--exit-code").status == 0


def test_a_number_that_goes_while_apply_is_at_work_fails_alone(
    desk: Desk, source: Path, sandbox: Sandbox
) -> None:
    changed(source / "numbers/+12025550100.yaml", "agent: front-desk", "label: Main line")
    changed(source / "agents/front-desk.yaml", "speed: 0.5", "speed: 0.75")
    # What the plan reads is answered.
    planned = len(list((source / "numbers").iterdir()))
    sandbox.faults.add("numbers.get_config", "status", status=404, count=None, skip=planned)
    done = desk.run("apply", source, *QUICK)
    assert "numbers/+12025550100: " in done.err, done
    assert "was deleted meanwhile" in done.err
    assert (done.status, "0 created, 1 changed" in done.out) == (4, True), done


def test_files_of_a_knowledge_base_are_uploaded_once(
    desk: Desk, target: Path, sandbox: Sandbox
) -> None:
    (target / "knowledge/prices").mkdir()
    (target / "knowledge/prices/list.txt").write_text("Plums: 3")
    with open(target / "knowledge/prices.yaml", "a") as file:
        file.write("files: [list.txt, lost.pdf]\n")
    sandbox.faults.add("knowledge_bases.upload", "reset", when="after")
    done = desk.run("apply", target, *QUICK)
    assert done.status == 0, done.err
    assert effects(sandbox, "knowledge_bases.upload") == 1
    plan = desk.run("plan", target, "--exit-code")
    assert plan.status == 0
    assert "lost.pdf is neither in the folder nor on the service" in plan.out


def test_programs_get_what_was_done(desk: Desk, target: Path) -> None:
    told = json.loads(desk.run("apply", target, *QUICK, "--json", "--quiet").out)
    assert told["done"]["agents/front-desk"] == "created"
    assert told["failed"] == []
