"""What the tests of agents as code share: workspaces with something in them, and folders."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from conftest import KEY, WORKSPACE
from trillet._command.command import main
from trillet.testing import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import trillet

OTHER = "production"
VOICE: trillet.types.TtsModel = {"provider": "rime", "voiceId": "mistv2_Brook", "language": "en"}


class Done(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str


class Desk:
    """A person with a sandbox of two workspaces, who types commands."""

    def __init__(
        self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.sandbox = sandbox
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        self.use(WORKSPACE)
        monkeypatch.setenv("TRILLET_BASE_URL", sandbox.url)
        monkeypatch.setenv("TRILLET_API_KEY", KEY)

    def use(self, workspace: str) -> None:
        """Makes a workspace that of the environment."""
        self._monkeypatch.setenv("TRILLET_WORKSPACE_ID", workspace)

    def set(self, name: str, value: str) -> None:
        """Sets a variable."""
        self._monkeypatch.setenv(name, value)

    def run(self, *words: object) -> Done:
        """Types a command."""
        self._capsys.readouterr()
        status = main([str(word) for word in words])
        out, err = self._capsys.readouterr()
        return Done(status, out, err)

    def client(self, workspace: str = WORKSPACE, **options: Any) -> trillet.Trillet:
        """A client of a workspace."""
        return self.sandbox.client(workspace_id=workspace, **options)


def new_sandbox(*flags: str) -> Sandbox:
    """One with a second, empty workspace that the same key opens."""
    return Sandbox(arguments=["--account", f"{KEY}:{OTHER}", *flags])


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with new_sandbox() as running:
        yield running


@pytest.fixture
def desk(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    return Desk(sandbox, monkeypatch, capsys)


@pytest.fixture
def folder(desk: Desk, tmp_path: Path) -> Path:
    """A folder of a workspace in which objects name each other."""
    with desk.client() as client:
        small_workspace(client)
    assert desk.run("pull", tmp_path / "shop").status == 0
    return tmp_path / "shop"


def small_workspace(client: trillet.Trillet) -> dict[str, Any]:
    """An agent and a flow that name each other, knowledge, and webhooks with a secret."""
    agent: Any = client.agents.create(
        name="Front Desk",
        llm_model="gpt-4o-mini",
        tts_model=VOICE,
        settings={"speed": 0.5},
        system_prompt="Be brief.\nBe kind.",
        variables={"branch": "north"},
    )
    prices: Any = client.knowledge_bases.create(
        name="Prices", description="What it costs", text_content="Apples: 1\nPears: 2\n"
    )
    flow: Any = client.flows.create(
        name="Renewal reminder",
        direction="outbound",
        prompt_type="simple",
        agent=agent["_id"],
        prompt="Greet {first_name}.\n\nIt costs ${AMOUNT}.",
        settings={"knowledgeBases": [prices["_id"]]},
    )
    client.agents.update(agent["_id"], pathway=flow["_id"], merge=True)
    return {"agent": agent["_id"], "flow": flow["_id"], "prices": prices["_id"]}


def files_of(folder: Path, *kinds: str) -> dict[str, bytes]:
    """The files of a folder by their path, without what the folder knows of a workspace."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for kind in kinds or ("agents", "flows", "knowledge")
        for file in sorted((folder / kind).rglob("*"))
        if file.is_file()
    }


def copied_for(folder: Path, target: Path, workspace: str = OTHER) -> Path:
    """The files of a folder for another workspace, of which nothing is known yet."""
    for name, content in files_of(folder).items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)
    project(target, workspace)
    return target


def project(folder: Path, *workspaces: str, more: str = "") -> None:
    """Writes a `trillet.yaml`."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["project: shop", "workspaces:"]
    for name in workspaces:
        lines += [f"  {name}:", f"    workspace_id: {name}"]
    (folder / "trillet.yaml").write_text("\n".join(lines) + "\n" + more)


def changed(file: Path, before: str, after: str) -> None:
    """Edits a file as a person does."""
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))


def environment(sandbox: Sandbox, workspace: str) -> dict[str, str]:
    """That of a command in a process of its own."""
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TRILLET_API_KEY": KEY,
        "TRILLET_WORKSPACE_ID": workspace,
        "TRILLET_BASE_URL": sandbox.url,
    }
