"""What bash, zsh and fish offer when somebody has typed a part of a command."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import run, succeed

BASH = r"""
source "$1"
read -r -a COMP_WORDS <<<"$2"
[[ $2 != *' ' ]] || COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
function=$(complete -p "${COMP_WORDS[0]}" | sed 's/.*-F \([^ ]*\).*/\1/')
"$function"
printf '%s\n' "${COMPREPLY[@]}"
"""

# A shell in a terminal of its own, for zsh completes nowhere else.
ZSH = r"""
zmodload zsh/zpty
zpty -b shell zsh -f -i
zpty -w shell "PS1=; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D; print rea''dy"
output=
repeat 200; do
    while zpty -r -t shell piece; do output+=$piece; done
    [[ $output == *ready* ]] && break
    sleep 0.1
done
zpty -w -n shell "$2"$'\t'
output=
quiet=0
repeat 100; do
    if zpty -r -t shell piece; then output+=$piece; quiet=0; else (( quiet++ )); fi
    (( quiet > 20 )) && [[ $output == *$'\n'* || $output == *$2?* ]] && break
    sleep 0.05
done
print -r -- "$output"
zpty -d shell
"""

Offer = Callable[[str], str]


@pytest.fixture(params=["bash", "zsh", "fish"])
def offered(request: pytest.FixtureRequest, prefix: Path, tmp_path: Path) -> Offer:
    """What a shell offers for a line, in a folder that has one file."""
    shell = request.param
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    (tmp_path / "contacts.csv").touch()
    share = prefix / "share"

    def offer(line: str) -> str:
        command = line.split(" ")[0]
        if shell == "bash":
            place = share / "bash-completion/completions" / command
            return succeed("bash", "-c", BASH, "-", place, line, folder=tmp_path)
        if shell == "zsh":
            folder = share / "zsh/site-functions"
            return succeed("zsh", "-f", "-c", ZSH, "-", folder, line, folder=tmp_path)
        place = share / "fish/vendor_completions.d" / f"{command}.fish"
        script = f"source '{place}'; complete -C '{line}'"
        return succeed("fish", "--no-config", "-c", script, folder=tmp_path)

    return offer


def test_commands_are_offered(offered: Offer) -> None:
    text = offered("trillet ")
    assert all(name in text for name in ("batch", "call", "check", "request"))


def test_commands_below_a_command_are_offered(offered: Offer) -> None:
    text = offered("trillet batch ")
    assert all(name in text for name in ("start", "wait", "results", "cancel"))
    assert "request" not in text


def test_the_values_of_an_option_are_offered(offered: Offer) -> None:
    text = offered("trillet batch results --status ")
    assert all(name in text for name in ("completed", "failed", "waiting"))


def test_verbs_of_a_resource_are_offered(offered: Offer) -> None:
    text = offered("trillet knowledge-bases ")
    assert all(name in text for name in ("create", "list", "get", "update", "upload"))
    assert "delete" not in text


def test_the_flags_of_a_verb_are_offered_down_to_the_members(offered: Offer) -> None:
    text = offered("trillet agents create --settings")
    assert all(f"--settings{name}" in text for name in ("", ".speed", ".volume"))


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("trillet flows create --direction ", ("inbound", "outbound", "bidirectional")),
        ("trillet flows create --is-active ", ("true", "false")),
        ("trillet calls list --output ", ("table", "json", "jsonl", "csv")),
    ],
)
def test_the_words_that_a_flag_of_a_verb_takes_are_offered(
    offered: Offer, line: str, values: tuple[str, ...]
) -> None:
    text = offered(line)
    assert all(value in text for value in values)


def test_a_command_of_the_same_name_elsewhere_is_told_apart(offered: Offer) -> None:
    text = offered("trillet batch call --")
    assert "--query" in text
    assert "--deadline" not in text


def test_files_are_offered_where_a_file_is_wanted(offered: Offer) -> None:
    assert "contacts.csv" in offered("trillet check con")


def test_options_of_the_command_are_offered_and_no_others(offered: Offer) -> None:
    text = offered("trillet batch results --re")
    assert "--resume" in text
    assert "--rejected" not in text


def test_the_sandbox_is_completed_too(offered: Offer, prefix: Path) -> None:
    if not (prefix / "bin/trillet-sandbox").exists():
        pytest.skip("the sandbox is not built")
    assert all(name in offered("trillet-sandbox keys ") for name in ("add", "list", "remove"))
    text = offered("trillet-sandbox --log-format ")
    assert "json" in text


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_reads_the_file_without_a_complaint(shell: str, prefix: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    folders = {
        "bash": "bash-completion/completions/trillet",
        "zsh": "zsh/site-functions/_trillet",
        "fish": "fish/vendor_completions.d/trillet.fish",
    }
    done = run(shell, "-n", prefix / "share" / folders[shell])
    assert (done.returncode, done.stderr) == (0, "")
