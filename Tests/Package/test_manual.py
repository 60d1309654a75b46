"""The manual pages: what man, groff and mandoc make of them, and that none is missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conftest import ROOT, run, succeed

FUNCTIONS = re.findall(
    r"\b(trillet_\w+)\(",
    re.sub(
        r"/\*.*?\*/|typedef[^;]*;", "", (ROOT / "include/trillet.h").read_text("utf-8"), flags=re.S
    ),
)


@pytest.fixture(scope="module")
def pages(prefix: Path) -> list[Path]:
    return sorted((prefix / "share/man").rglob("*.[13]"))


def shown(*pages: Path) -> str:
    more = {"MANWIDTH": "80", "MANPAGER": "cat", "LC_ALL": "C.UTF-8", "TERM": "dumb"}
    done = run("man", "--warnings", "-P", "cat", "-l", *pages, more=more)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    # Bold letters are written twice.
    return re.sub(r".\x08", "", done.stdout)


def test_each_function_has_a_page(pages: list[Path]) -> None:
    there = {path.name for path in pages}
    assert {f"{name}.3" for name in FUNCTIONS} <= there
    assert {"trillet.h.3", "trillet.1"} <= there


def test_mandoc_has_nothing_to_say_of_any_page(pages: list[Path]) -> None:
    assert succeed("mandoc", "-T", "lint", "-W", "warning", *pages) == ""


def test_man_shows_every_page_without_a_warning_on_80_columns(pages: list[Path]) -> None:
    text = shown(*pages)
    assert [line for line in text.split("\n") if len(line) > 80] == []


def test_each_page_that_is_named_is_there(pages: list[Path]) -> None:
    there = {path.name for path in pages} | {"trillet-sandbox.1"}
    for path in pages:
        named = re.findall(
            r"\\fB(trillet[\w.]*)\\fR\((\d)\)|^\.BR (\S+) \((\d)\)", path.read_text("utf-8"), re.M
        )
        for one in named:
            name, chapter = [part for part in one if part]
            assert f"{name}.{chapter}".replace("\\", "") in there, path.name


def test_a_page_says_what_the_header_says_of_its_function(prefix: Path) -> None:
    text = shown(prefix / "share/man/man3/trillet_calls_send.3")
    flowing = " ".join(text.split())
    assert "trillet_calls_send - calls a phone number with an agent" in flowing
    assert "char *trillet_calls_send(trillet_client *client, const char *request_json," in flowing
    assert "toNumber (string, required, published name to, assumed)" in flowing
    assert "402 rejected The account has not enough credits." in flowing
    assert "Free the answer with trillet_free(3)." in flowing


OF_THE_HEADER = (
    "maxRetries (integer, 0 to 100, default 2)",
    "invalid_argument The request is invalid; nothing was sent.",
    "typedef void (*trillet_done_fn)(void *user_data",
    '"caller" For whom: programs with an event loop',
)
OF_THE_COMMAND = (
    "trillet batch results [OPTIONS] BATCH",
    "7 the service may have acted, also if interrupted",
    "TRILLET_API_KEY the key, instead of a profile's; never an argument",
    "trillet knowledge-bases upload [OPTIONS] ID FILE",
    "--tts-model.voice-id TEXT The voice, in the provider's own naming.",
    "trillet flows get 5d1c0c31e2b94f0013ab6e10",
)


@pytest.mark.parametrize(
    ("page", "texts"),
    [("man3/trillet.h.3", OF_THE_HEADER), ("man1/trillet.1", OF_THE_COMMAND)],
    ids=["options-and-callbacks-of-the-header", "statuses-and-subcommands-of-the-command"],
)
def test_a_page_has_what_people_look_up(prefix: Path, page: str, texts: tuple[str, ...]) -> None:
    flowing = " ".join(shown(prefix / "share/man" / page).split())
    assert [text for text in texts if text not in flowing] == []


def test_the_page_of_the_sandbox_has_its_keys_and_options(prefix: Path) -> None:
    page = prefix / "share/man/man1/trillet-sandbox.1"
    if not page.exists():
        pytest.skip("the sandbox is not built")
    flowing = " ".join(shown(page).split())
    assert "--port PORT The port to listen on; 0 picks a free one. (default: 4010)" in flowing
    assert "trillet-sandbox keys add [OPTIONS] [KEY]" in flowing


def test_the_same_sources_make_the_same_pages(prefix: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        succeed(
            "python3",
            ROOT / "Tools/release/manual.py",
            tmp_path / name,
            more={"SOURCE_DATE_EPOCH": "1700000000"},
        )
    assert succeed("diff", "-r", tmp_path / "one", tmp_path / "two") == ""
    assert "2023-11-14" in (tmp_path / "one/man3/trillet_free.3").read_text("utf-8")
