"""The files of agents as code: what is written, what is refused, and what edits become."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from code_folders import VOICE, Desk, changed, desk, files_of, folder, new_sandbox, project, sandbox
from conftest import ROOT, WORKSPACE
from trillet._core.secret_naming import is_secret

if TYPE_CHECKING:
    from pathlib import Path

    from trillet.testing import Sandbox

__all__ = ["desk", "folder", "sandbox"]


def test_names_stand_for_ids_and_prompts_have_files_of_their_own(folder: Path) -> None:
    agent = (folder / "agents/front-desk.yaml").read_text()
    flow = (folder / "flows/renewal-reminder.yaml").read_text()
    assert agent.startswith("name: Front Desk\ntype: voice\npathway: renewal-reminder\n")
    assert "systemPrompt: front-desk.md\n" in agent
    assert "agent: front-desk\n" in flow
    assert "  knowledgeBases:\n    - prices\n" in flow
    prompt = (folder / "flows/renewal-reminder.md").read_bytes()
    assert prompt == b"Greet {first_name}.\n\nIt costs ${AMOUNT}.\n"
    for made in ("_id", "createdAt", "workspaceId", "status", "phoneNumberIds"):
        assert made not in agent + flow


def test_a_second_pull_writes_nothing(desk: Desk, folder: Path) -> None:
    before = files_of(folder)
    done = desk.run("pull", folder)
    assert "0 written, " in done.out
    assert files_of(folder) == before


def test_comments_and_words_that_did_not_change_stay_as_they_are(desk: Desk, folder: Path) -> None:
    file = folder / "agents/front-desk.yaml"
    text = file.read_text().replace(
        "llmModel: gpt-4o-mini", "# Cheap.\nllmModel: 'gpt-4o-mini' # !"
    )
    file.write_text(text)
    assert desk.run("plan", folder, "--exit-code").status == 0
    with desk.client() as client:
        (agent,) = client.agents.list_all()
        client.agents.update(agent["_id"], settings={"speed": 0.75}, merge=True)
    assert "1 written" in desk.run("pull", folder).out
    assert file.read_text() == text.replace("speed: 0.5", "speed: 0.75")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("smartCallback: no", "agents/a.yaml:4: no: write true or false"),
        ("smartCallback: On", "agents/a.yaml:4: On: write true or false"),
        ("branch: 0123", "agents/a.yaml:4: 0123: quote it if it is a text"),
        ("opens: 12:30:00", "agents/a.yaml:4: 12:30:00: quote it"),
        ("day: 2031-04-02", "agents/a.yaml:4: 2031-04-02: quote it"),
        ("name: Again", "agents/a.yaml:4: name stands here twice"),
        ("settings: &all {}", "agents/a.yaml:4: &all: anchors are not used here"),
        ("settings: *all", "agents/a.yaml:4: "),
        ("settings: !!set {}", "agents/a.yaml:4: tag:yaml.org,2002:set: tags are not used here"),
        ("settings:\n\tspeed: 1", "agents/a.yaml:5: a tab indents this line: use spaces"),
        ("settings: {speed: 1", "no YAML"),
        ("status: ready", "agents/a.yaml:4: only the service sets status"),
        ("systemPrompt: Be brief.", "systemPrompt names a file such as a.md"),
        ("systemPrompt: ../../a.md", "is outside of"),
        ("systemPrompt: b.md", "cannot be read"),
        ("pathway: nowhere", "agents/a.yaml:4: there is no flows/nowhere.yaml"),
        ("apiKey: sk-123", "apiKey is a secret, which never stands in a file"),
        ("speed: 1e999", "too large a number"),
    ],
)
def test_what_is_easily_misread_is_an_error_with_its_line(
    desk: Desk, tmp_path: Path, line: str, words: str
) -> None:
    project(tmp_path, WORKSPACE)
    (tmp_path / "agents").mkdir()
    voice = "ttsModel: {provider: rime, voiceId: v, language: en}"
    text = f"name: A\nllmModel: gpt-5\n{voice}\n{line}\n"
    (tmp_path / "agents/a.yaml").write_text(text)
    done = desk.run("plan", tmp_path)
    assert done.status == 2
    assert words in done.err


def test_all_mistakes_are_listed_at_once(desk: Desk, tmp_path: Path) -> None:
    project(tmp_path, WORKSPACE)
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents/a.yaml").write_text("name: A\n")
    (tmp_path / "agents/b.yml").write_text("name: B\n")
    (tmp_path / "agents/c.yaml").write_text("- C\n")
    done = desk.run("plan", tmp_path)
    assert done.status == 2
    assert "b.yml: rename it" in done.err
    assert "c.yaml:1: a file is a mapping" in done.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("workspaces: {a: {api_key: sk-1}}", "a key never stands in a file"),
        ("workspaces: {a: {url: x}}", "'url' is no setting"),
        ("workspaces: {a: {timeout: soon}}", "timeout is a number of seconds"),
        ("workspaces: {}", "workspaces has a name for each"),
        ("agents: {}\nworkspaces: {a: {}}", "'agents' is no setting"),
        ("workspaces: {a: {}, b: {}}", "choose one by --workspace"),
        ("workspaces: {a: {base_url: '${NOT_SET_ANYWHERE}'}}", "set NOT_SET_ANYWHERE"),
        ("workspaces: {a: {overrides: {agents/b: {name: B}}}}", "there is no agents/b.yaml"),
    ],
)
def test_mistakes_in_the_settings_are_explained(
    desk: Desk, tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "trillet.yaml").write_text(f"project: shop\n{text}\n")
    done = desk.run("plan", tmp_path)
    assert done.status == 2
    assert words in done.err


def test_a_key_is_not_sent_to_an_address_that_only_the_files_name(
    desk: Desk, tmp_path: Path, sandbox: Sandbox
) -> None:
    with new_sandbox() as other:
        project(tmp_path, WORKSPACE, more=f"    base_url: {other.url}\n")
        done = desk.run("plan", tmp_path)
        assert done.status == 2
        assert "names another service" in done.err
        assert other.ledger().entries == []
        with open(tmp_path / "trillet.yaml", "a") as settings:
            settings.write("    api_key: ${KEY_OF_OTHER}\n")
        desk.set("KEY_OF_OTHER", "sandbox-key")
        assert desk.run("plan", tmp_path).status == 0
        assert other.ledger().entries


def test_a_workspace_may_name_a_profile(
    desk: Desk, tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(tmp_path, WORKSPACE, more="    profile: shop\n")
    assert desk.run("plan", tmp_path).status == 0
    monkeypatch.delenv("TRILLET_API_KEY")
    done = desk.run("plan", tmp_path)
    assert done.status == 2
    assert "There is no profile 'shop'" in done.err


def test_conversations_beside_an_agent_are_no_agent(desk: Desk, folder: Path) -> None:
    (folder / "agents/front-desk.test.yaml").write_text("turns: []\n")
    assert desk.run("plan", folder, "--exit-code").status == 0


def test_a_folder_without_settings_says_how_to_begin(desk: Desk, tmp_path: Path) -> None:
    done = desk.run("plan", tmp_path)
    assert done.status == 2
    assert f"trillet pull {tmp_path} makes one" in done.err


def test_secrets_are_never_written_and_plans_do_not_show_them(desk: Desk, tmp_path: Path) -> None:
    hook: Any = {
        "name": "crm",
        "url": "https://crm.example.com",
        "headers": {"Authorization": "Bearer s3cret", "X-Crm-Token": "t0ken"},
    }
    with desk.client() as client:
        client.flows.create(name="F", direction="inbound", prompt_type="simple", webhooks=[hook])
    pulled = desk.run("pull", tmp_path)
    variable = "FLOWS_F_WEBHOOKS_0_HEADERS_AUTHORIZATION"
    assert f"Authorization: ${{{variable}}}\n" in (tmp_path / "flows/f.yaml").read_text()
    assert f"set {variable} to apply it" in pulled.out
    changed(tmp_path / "flows/f.yaml", variable, "CRM_KEY")
    desk.set("FLOWS_F_WEBHOOKS_0_HEADERS_X_CRM_TOKEN", "t0ken")
    desk.set("CRM_KEY", "Bearer s3cret")
    assert desk.run("plan", tmp_path, "--exit-code").status == 0
    assert "0 written" in desk.run("pull", tmp_path).out
    desk.set("CRM_KEY", "Bearer other")
    told = [pulled, desk.run("plan", tmp_path), desk.run("plan", tmp_path, "--json")]
    written = [file.read_text() for file in tmp_path.rglob("*") if file.is_file()]
    for text in [*written, *(part for each in told for part in (each.out, each.err))]:
        assert "s3cret" not in text
        assert "t0ken" not in text
        assert "Bearer other" not in text


def test_everything_below_a_secret_is_one(desk: Desk, tmp_path: Path) -> None:
    with desk.client() as client:
        client.agents.create(
            name="A",
            llm_model="gpt-5",
            tts_model=VOICE,
            variables={"crmCredentials": {"user": "ada", "pin": "s3cret"}},
        )
    desk.run("pull", tmp_path)
    variable = "AGENTS_A_VARIABLES_CRMCREDENTIALS_PIN"
    assert f"pin: ${{{variable}}}" in (tmp_path / "agents/a.yaml").read_text()
    desk.set(variable, "0ther")
    desk.set("AGENTS_A_VARIABLES_CRMCREDENTIALS_USER", "ada")
    for done in (desk.run("plan", tmp_path), desk.run("plan", tmp_path, "--json")):
        assert "variables.crmCredentials.pin" in done.out
        assert "s3cret" not in done.out
        assert "0ther" not in done.out


def test_secrets_have_the_names_that_the_library_knows() -> None:
    described = yaml.safe_load((ROOT / "api/library.yaml").read_text())["secretNames"]
    assert [name for name in described if not is_secret(name)] == []


def test_without_its_reader_of_yaml_the_command_names_the_extra(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    project(tmp_path, WORKSPACE)
    done = desk.run("plan", tmp_path)
    assert done.status == 2
    assert "pip install 'trillet[code]'" in done.err


def test_dollar_signs_of_the_service_are_not_taken_for_variables(
    desk: Desk, tmp_path: Path
) -> None:
    with desk.client() as client:
        client.agents.create(
            name="A",
            llm_model="gpt-5",
            tts_model=VOICE,
            variables={
                "a": "${HOME} $${HOME} ${price}",
                "b": "${agents/a}",
                "no": "yes",
                "c": "1e3",
            },
        )
    desk.run("pull", tmp_path)
    text = (tmp_path / "agents/a.yaml").read_text()
    assert "  a: $${HOME} $$${HOME} ${price}\n" in text
    assert "  b: $${agents/a}\n" in text
    assert "  c: '1e3'\n  'no': 'yes'\n" in text
    assert desk.run("plan", tmp_path, "--exit-code").status == 0


def test_texts_of_every_kind_come_back_as_they_were(desk: Desk, tmp_path: Path) -> None:
    texts = [
        "",
        " ",
        "\n",
        "a\n\n",
        "\ta: b",
        "x: y # z",
        "- a",
        "é\u2028\u00a0🙂",
        "a \nb",
        "\r\n",
        "'\"",
        "0x1f",
    ]
    with desk.client() as client:
        client.agents.create(
            name="A",
            llm_model="gpt-5",
            tts_model=VOICE,
            system_prompt="\r\n tab\t\n\n",
            variables={f"v{number}": text for number, text in enumerate(texts)},
        )
    desk.run("pull", tmp_path)
    assert (tmp_path / "agents/a.md").read_bytes() == b"\r\n tab\t\n\n\n"
    plan = desk.run("plan", tmp_path, "--exit-code")
    assert plan.status == 0, plan.out
    assert "0 written" in desk.run("pull", tmp_path).out
