"""Files of agents as code that nobody wants: conflicts, links, and names that do harm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from code_folders import Desk, desk, files_of, folder, sandbox

if TYPE_CHECKING:
    from pathlib import Path


__all__ = ["desk", "folder", "sandbox"]

CONFLICT = "Be kind.\n<<<<<<< HEAD\nBe brief.\n=======\nBe long.\n>>>>>>> theirs\nGoodbye.\n"


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lines", "carriage returns"])
@pytest.mark.parametrize("command", ["plan", "apply"])
def test_a_conflict_of_git_is_never_said_to_anybody(
    desk: Desk, folder: Path, command: str, end: str
) -> None:
    (folder / "agents/front-desk.md").write_bytes(CONFLICT.replace("\n", end).encode())
    flags = ("--yes",) if command == "apply" else ()
    done = desk.run(command, folder, *flags)
    assert done.status == 2, done
    assert "agents/front-desk.md:2: a conflict of git" in done.err


@pytest.mark.parametrize(
    "text", ["<<<<<<< is an arrow\n", "=======\nTitle\n=======\n", "a\n>>>>>>> quoted\n"]
)
def test_half_of_a_conflict_is_text(desk: Desk, folder: Path, text: str) -> None:
    (folder / "agents/front-desk.md").write_text(text)
    assert desk.run("plan", folder).status == 0


def test_a_conflict_in_yaml_names_its_line(desk: Desk, folder: Path) -> None:
    file = folder / "agents/front-desk.yaml"
    file.write_text("<<<<<<< HEAD\n" + file.read_text() + "=======\nname: B\n>>>>>>> theirs\n")
    done = desk.run("plan", folder)
    assert done.status == 2, done
    assert "agents/front-desk.yaml:" in done.err


def test_a_link_out_of_the_folder_is_not_uploaded(desk: Desk, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "id_rsa").write_text("the key of somebody")
    (folder / "knowledge/prices").mkdir()
    (folder / "knowledge/prices/prices.txt").symlink_to(tmp_path / "id_rsa")
    file = folder / "knowledge/prices.yaml"
    file.write_text(file.read_text() + "files:\n  - prices.txt\n")
    done = desk.run("apply", folder, "--yes")
    assert done.status == 2, done
    assert "prices.txt is outside of" in done.err


HOSTILE = [
    "../../../escape",
    "/etc/passwd",
    "a" * 300,
    "CON",
    ".hidden",
    "\u202egnp.exe",
    "\x1b[2J\x1b]0;title\x07",
    "Ünïcödé ☎️",
    "name\nkind: x",
    "front-desk.test",
    "Front Desk",
    "FRONT DESK",
    "${agents/front-desk}",
    "$(rm -rf ~)",
]


def test_names_of_the_service_stay_in_the_folder_and_come_back(
    desk: Desk, folder: Path, tmp_path: Path
) -> None:
    with desk.client() as client:
        for name in HOSTILE:
            client.agents.create(
                name=name,
                llm_model="gpt-4o-mini",
                tts_model={"provider": "rime", "voiceId": "v", "language": "en"},
                system_prompt=f"I am {name}.",
            )
    done = desk.run("pull", folder)
    assert done.status == 0, done
    assert "\x1b" not in done.out + done.err
    assert "\u202e" not in done.out + done.err
    written = files_of(folder, "agents")
    assert len([each for each in written if each.endswith(".yaml")]) == len(HOSTILE) + 1
    assert sorted(each.name for each in tmp_path.iterdir()) == ["shop"]
    planned = desk.run("plan", folder, "--exit-code")
    assert planned.status == 0, planned
    assert "\x1b" not in planned.out
    desk.run("pull", folder)
    assert files_of(folder, "agents") == written
