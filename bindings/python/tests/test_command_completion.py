"""``trillet completion``: what a shell reads from the command itself, without an installed file."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from commanding import told

if TYPE_CHECKING:
    from pathlib import Path

SHELLS = ["bash", "zsh", "fish"]
# What each prints for `trillet batch res`, with the completion sourced as its help says.
OFFERS = {
    "bash": """
        source "$1"
        COMP_WORDS=(trillet batch res) COMP_CWORD=2
        _trillet
        printf '%s\\n' "${COMPREPLY[@]}"
    """,
    "fish": "source $argv[2]; complete -C 'trillet batch res'",
}


def of_shell(shell: str, folder: Path) -> Path:
    """A file with what is printed for a shell."""
    done = told("completion", shell)
    assert (done.status, done.errors) == (0, "")
    file = folder / shell
    file.write_text(done.output, "utf-8")
    return file


def ran(shell: str, *words: object) -> str:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    done = subprocess.run(
        [shell, *map(str, words)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_reads_what_is_printed_without_a_complaint(shell: str, tmp_path: Path) -> None:
    assert ran(shell, "-n", of_shell(shell, tmp_path)) == ""


@pytest.mark.parametrize("shell", OFFERS)
def test_a_verb_is_offered(shell: str, tmp_path: Path) -> None:
    offered = ran(shell, "-c", OFFERS[shell], "-", of_shell(shell, tmp_path))
    assert offered.split()[0] == "results"


def test_zsh_takes_it_from_its_start_file_too(tmp_path: Path) -> None:
    file = of_shell("zsh", tmp_path)
    script = 'autoload -Uz compinit; compinit -u -D; source "$1"; print $_comps[trillet]'
    assert ran("zsh", "-f", "-c", script, "-", file) == "_trillet\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_is_in_it(shell: str) -> None:
    text = told("completion", shell).output
    for name in ("agents", "batch", "campaign", "completion", "doctor", "plan", "trigger"):
        assert name in text


def test_another_shell_is_refused_with_those_there_are() -> None:
    done = told("completion", "fsh")
    assert (done.status, done.output) == (2, "")
    assert "did you mean fish?" in done.errors
