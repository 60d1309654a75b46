"""Who changed what: files, the service, or both since they were last the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from code_folders import Desk, changed, desk, folder, sandbox

if TYPE_CHECKING:
    from pathlib import Path

    from trillet.testing import Sandbox

__all__ = ["desk", "folder", "sandbox"]

AGENT, FLOW = "agents/front-desk", "flows/renewal-reminder"


def agent_of(desk: Desk) -> Any:
    with desk.client() as client:
        (agent,) = client.agents.list_all()
        return agent


def colleague(desk: Desk, **changes: Any) -> None:
    """Somebody changes the agent in the dashboard."""
    own = agent_of(desk)["_id"]
    with desk.client() as client:
        client.agents.update(own, merge=True, **changes)


def test_a_plan_shows_each_change_and_sends_nothing(
    desk: Desk, folder: Path, sandbox: Sandbox
) -> None:
    changed(folder / f"{AGENT}.yaml", "speed: 0.5", "speed: 0.75")
    changed(folder / f"{FLOW}.md", "Greet {first_name}.", "Greet {first_name} by name.")
    (folder / "agents/night.yaml").write_text(
        "name: Night\nllmModel: gpt-5\nttsModel: {provider: rime, voiceId: v, language: en}\n"
    )
    before = sandbox.ledger().totals("agents.update")
    done = desk.run("plan", folder, "--exit-code", "--quiet")
    assert (done.status, done.err) == (1, "")
    assert "+ agents/night  create\n" in done.out
    assert f"~ {AGENT}  change\n    settings.speed: 0.5 → 0.75\n" in done.out
    assert (
        f"      --- on the service\n      +++ {FLOW}.md\n      @@ -1,3 +1,3 @@\n"
        "      -Greet {first_name}.\n      +Greet {first_name} by name.\n"
    ) in done.out
    assert "1 to create, 2 to change, 0 to delete, 0 drifted, 0 not touched" in done.out
    assert desk.run("plan", folder).status == 0
    assert sandbox.ledger().totals("agents.update") == before
    assert sandbox.ledger().totals("agents.create").effects == 1


def test_a_plan_for_programs_has_the_same(desk: Desk, folder: Path) -> None:
    changed(folder / f"{AGENT}.yaml", "speed: 0.5", "speed: 0.75")
    told = json.loads(desk.run("plan", folder, "--json", "--quiet").out)
    assert told["summary"] == {
        "create": 0,
        "change": 1,
        "delete": 0,
        "drifted": 0,
        "notTouched": 0,
    }
    (field,) = told["change"][AGENT]["fields"]
    assert (field["path"], field["before"], field["after"]) == ("settings.speed", 0.5, 0.75)


def test_what_a_colleague_changed_is_drift_and_apply_leaves_it_alone(
    desk: Desk, folder: Path
) -> None:
    colleague(desk, llm_model="gpt-5")
    changed(folder / f"{AGENT}.yaml", "speed: 0.5", "speed: 0.75")
    plan = desk.run("plan", folder)
    assert f"! {AGENT}  drifted" in plan.out
    assert '    llmModel: "gpt-5" → "gpt-4o-mini"\n' in plan.out
    assert "0 to create, 1 to change, 0 to delete, 1 drifted" in plan.out
    assert desk.run("apply", folder, "--yes").status == 1
    agent = agent_of(desk)
    assert (agent["llmModel"], agent["settings"]["speed"]) == ("gpt-5", 0.75)
    assert "1 drifted" in desk.run("plan", folder).out


def test_drift_is_overwritten_only_when_somebody_says_so(desk: Desk, folder: Path) -> None:
    colleague(desk, llm_model="gpt-5")
    assert desk.run("apply", folder, "--yes", "--overwrite").status == 0
    assert agent_of(desk)["llmModel"] == "gpt-4o-mini"
    assert desk.run("plan", folder, "--exit-code").status == 0


def test_a_pull_takes_drift_and_keeps_what_was_not_applied(desk: Desk, folder: Path) -> None:
    file = folder / f"{AGENT}.yaml"
    colleague(desk, llm_model="gpt-5", system_prompt="Be long.")
    changed(file, "speed: 0.5", "speed: 0.75")
    assert desk.run("pull", folder).status == 0
    assert "llmModel: gpt-5\n" in file.read_text()
    assert "speed: 0.75\n" in file.read_text()
    assert (folder / f"{AGENT}.md").read_text() == "Be long.\n"
    plan = desk.run("plan", folder)
    assert "1 to change, 0 to delete, 0 drifted" in plan.out
    assert desk.run("apply", folder, "--yes").status == 0
    assert agent_of(desk)["settings"]["speed"] == 0.75


def test_what_both_changed_is_kept_until_somebody_decides(desk: Desk, folder: Path) -> None:
    file = folder / f"{AGENT}.yaml"
    colleague(desk, llm_model="gpt-5")
    changed(file, "gpt-4o-mini", "gpt-4.1")
    before = file.read_text()
    pulled = desk.run("pull", folder)
    assert pulled.status == 1
    assert f"kept {AGENT}: llmModel: not the same here and on the service" in pulled.out
    assert file.read_text() == before
    assert "(changed on both sides)" in desk.run("plan", folder).out
    assert desk.run("apply", folder, "--yes").status == 1
    assert agent_of(desk)["llmModel"] == "gpt-5"
    assert desk.run("pull", folder, "--force").status == 0
    assert "llmModel: gpt-5\n" in file.read_text()


def test_a_forced_pull_takes_the_whole_of_the_service(desk: Desk, folder: Path) -> None:
    file = folder / f"{AGENT}.yaml"
    before = file.read_text()
    changed(file, "speed: 0.5", "speed: 0.75")
    changed(file, "variables:\n", "websiteUrl: https://example.com\nvariables:\n")
    assert desk.run("pull", folder, "--force").status == 0
    assert file.read_text() == before


def test_an_agent_that_was_deleted_on_the_service_is_not_made_again_unasked(
    desk: Desk, folder: Path
) -> None:
    with desk.client() as client:
        client.agents.delete(agent_of(desk)["_id"])
    plan = desk.run("plan", folder, "--exit-code")
    assert plan.status == 0
    assert f"{AGENT}: it was deleted on the service" in plan.out
    assert f"note {AGENT}: it was deleted on the service" in desk.run("pull", folder).out
    assert desk.run("apply", folder, "--yes", "--overwrite").status == 0
    assert agent_of(desk)["pathway"]


def test_a_variable_that_is_taken_out_goes_and_another_field_stays(
    desk: Desk, folder: Path
) -> None:
    file = folder / f"{AGENT}.yaml"
    changed(file, "  branch: north\n", "  city: Kiel\n")
    changed(file, "maxAttemptsForSmartCallback: 5\n", "")
    plan = desk.run("plan", folder)
    assert '    variables.branch: "north" → nothing\n' in plan.out
    assert "maxAttemptsForSmartCallback is not in the file any more" in plan.out
    assert desk.run("apply", folder, "--yes").status == 0
    agent = agent_of(desk)
    assert {name: text for name, text in agent["variables"].items() if text} == {"city": "Kiel"}
    assert agent["maxAttemptsForSmartCallback"] == 5
    again = desk.run("plan", folder, "--exit-code")
    assert (again.status, "0 not touched" in again.out) == (0, True)


def test_without_its_state_a_folder_finds_everything_by_name(desk: Desk, folder: Path) -> None:
    (folder / ".trillet/state/default.json").unlink()
    colleague(desk, llm_model="gpt-5")
    plan = desk.run("plan", folder)
    assert "0 to create, 1 to change, 0 to delete, 0 drifted" in plan.out


def test_the_state_of_another_workspace_is_refused(desk: Desk, folder: Path) -> None:
    desk.use("production")
    changed(folder / "trillet.yaml", "sandbox-workspace", "production")
    done = desk.run("apply", folder, "--yes")
    assert done.status == 2
    assert "it is of workspace sandbox-workspace" in done.err


def test_a_damaged_state_says_what_to_do(desk: Desk, folder: Path) -> None:
    (folder / ".trillet/state/default.json").write_text("{")
    done = desk.run("plan", folder)
    assert done.status == 2
    assert "Remove the file: objects are then found by their names" in done.err
