"""The commands ``login``, ``logout`` and ``profiles``, and the option ``--profile`` of all."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conftest import running_sandbox
from homes import Home, Terminal
from recording_server import json_answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recording_server import RecordingServer

KEY = "marked-key-7f3a9c"


@pytest.fixture(scope="module")
def service() -> Iterator[dict[str, Any]]:
    accounts = [(KEY, "own"), ("two-keys", "first"), ("two-keys", "second")]
    with running_sandbox(accounts=accounts) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def member(home: Home, service: dict[str, Any]) -> Home:
    """Who has logged in once."""
    done = home.run("login", "--base-url", service["url"], given=KEY)
    assert done.returncode == 0, done.stderr
    return home


def mode(path: Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


def test_who_has_logged_in_needs_no_variables(member: Home) -> None:
    done = member.run("request", "agents.list", "--output", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["agents"] == []


def test_the_file_is_for_its_owner_alone(member: Home) -> None:
    assert mode(member.config) == 0o600
    assert mode(member.config.parent) == 0o700
    assert [each.name for each in member.config.parent.iterdir()] == ["config.ini"]


@pytest.mark.parametrize("others", [0o640, 0o604, 0o620])
def test_a_file_that_others_may_read_is_refused_with_the_command_that_helps(
    member: Home, others: int
) -> None:
    member.config.chmod(others)
    done = member.run("request", "agents.list")
    assert done.returncode == 2
    assert f"chmod 600 {member.config}" in done.stderr
    assert KEY not in done.stderr
    # It is not looked at where the environment has the key.
    assert member.run("request", "agents.list", TRILLET_API_KEY="x").returncode in (3, 6)


def test_the_only_workspace_of_a_key_is_found(home: Home, service: dict[str, Any]) -> None:
    done = home.run("login", "--base-url", service["url"], "--output", "json", given=KEY + "\n")
    told = json.loads(done.stdout)
    assert (told["profile"], told["workspace"], told["isCurrent"]) == ("default", "own", True)


def test_a_key_of_several_workspaces_needs_one_to_be_named(
    home: Home, service: dict[str, Any]
) -> None:
    wanted = ("login", "--base-url", service["url"])
    done = home.run(*wanted, given="two-keys")
    assert done.returncode == 2
    assert "first" in done.stderr
    assert "--workspace" in done.stderr
    assert not home.config.exists()
    assert home.run(*wanted, "--workspace", "second", given="two-keys").returncode == 0


def test_a_key_that_the_service_does_not_know_is_not_kept(
    home: Home, service: dict[str, Any]
) -> None:
    done = home.run("login", "--base-url", service["url"], given="some-other-key")
    assert done.returncode == 3
    assert "some-other-key" not in done.stdout + done.stderr
    assert not home.config.exists()


def test_nobody_there_is_status_6_and_nothing_is_kept(home: Home) -> None:
    assert home.run("login", "--base-url", "http://127.0.0.1:9", given=KEY).returncode == 6
    assert not home.config.exists()


@pytest.mark.parametrize("given", ["", "\n", "two words", "k\x1bk", "k" * 5000, b"\xff\xfe"])
def test_what_is_no_key_is_refused_before_anything_is_sent(
    home: Home, server: RecordingServer, given: str | bytes
) -> None:
    done = home.run("login", "--base-url", server.url, given=given)
    assert done.returncode == 3
    assert "nothing is changed" in done.stderr
    assert server.requests == []


def test_the_key_is_typed_without_an_echo(home: Home, service: dict[str, Any]) -> None:
    with Terminal(home, "login", "--base-url", service["url"]) as terminal:
        terminal.wait_for("(it is not shown): ")
        terminal.type(KEY + "\n")
        assert terminal.end() == 0
    assert "workspace own" in terminal.text
    assert KEY not in terminal.text


def test_ctrl_c_at_the_question_keeps_nothing(home: Home, service: dict[str, Any]) -> None:
    with Terminal(home, "login", "--base-url", service["url"]) as terminal:
        terminal.wait_for("(it is not shown): ")
        terminal.type("\x03")
        assert terminal.end() == 130
    assert not home.config.exists()


def test_the_key_is_in_no_list_of_processes(home: Home, service: dict[str, Any]) -> None:
    with home.start("login", "--base-url", service["url"]) as process:
        line = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        out, error = process.communicate(KEY, timeout=60)
    assert process.returncode == 0, error
    assert KEY.encode() not in line
    assert KEY not in out + error


def test_a_keyring_keeps_the_key_where_there_is_one(home: Home, service: dict[str, Any]) -> None:
    kept = home.install_keyring()
    done = home.run("login", "--base-url", service["url"], given=KEY)
    assert "The key is in a keyring of the tests." in done.stdout
    assert KEY not in home.config.read_text()
    assert json.loads(kept.read_text()) == {"trillet/default": KEY}
    assert home.run("request", "agents.list").returncode == 0
    assert home.run("logout").returncode == 0
    assert json.loads(kept.read_text()) == {}
    gone = home.run("request", "agents.list")
    assert gone.returncode == 3
    assert "trillet login" in gone.stderr


def test_a_keyring_that_is_gone_or_locked_is_named(home: Home, service: dict[str, Any]) -> None:
    kept = home.install_keyring()
    home.run("login", "--base-url", service["url"], given=KEY)
    locked = home.run("request", "agents.list", KEYRING_IS_LOCKED="1")
    assert locked.returncode == 2
    assert "--no-keyring" in locked.stderr
    assert KEY not in locked.stderr
    kept.unlink()
    lost = home.run("request", "agents.list")
    assert lost.returncode == 3
    assert "does not have it any more" in lost.stderr
    (home.folder / "modules" / "keyring.py").write_text("raise ImportError")
    missing = home.run("request", "agents.list")
    assert missing.returncode == 3
    assert "trillet[keyring]" in missing.stderr


def test_a_key_that_moves_into_the_file_leaves_the_keyring(
    home: Home, service: dict[str, Any]
) -> None:
    kept = home.install_keyring()
    home.run("login", "--base-url", service["url"], given=KEY)
    home.run("login", "--no-keyring", given=KEY)
    assert json.loads(kept.read_text()) == {}
    assert KEY in home.config.read_text()
    assert home.run("request", "agents.list").returncode == 0


def test_a_profile_may_stand_before_the_verb_and_after_it(
    member: Home, server: RecordingServer
) -> None:
    server.respond = lambda _: json_answer({"agents": []})
    done = member.run("login", "--profile", "other", "--base-url", server.url, given="other-key")
    assert "trillet profiles use other" in done.stdout
    del server.requests[:]
    ways = (
        ("--profile", "other", "request", "agents.list"),
        ("request", "--profile", "other", "agents.list"),
        ("request", "agents.list", "--profile=other"),
        ("--profile", "default", "request", "agents.list", "--profile", "other"),
    )
    assert [member.run(*way).returncode for way in ways] == [0] * len(ways)
    assert member.run("request", "agents.list", TRILLET_PROFILE="other").returncode == 0
    heads = [dict(request.headers) for request in server.requests]
    assert [head["x-api-key"] for head in heads] == ["other-key"] * 5


def test_the_key_of_the_environment_wins_and_the_command_says_so(
    member: Home, server: RecordingServer
) -> None:
    server.respond = lambda _: json_answer({"agents": []})
    variables = {"TRILLET_API_KEY": "from-outside", "TRILLET_BASE_URL": server.url}
    silent = member.run("request", "agents.list", **variables)
    assert (silent.returncode, silent.stderr) == (0, "")
    told = member.run("request", "agents.list", "--profile", "default", **variables)
    assert told.returncode == 0
    assert "TRILLET_API_KEY is set, and used instead" in told.stderr
    assert "TRILLET_BASE_URL is set, and used instead" in told.stderr
    keys = [dict(request.headers)["x-api-key"] for request in server.requests]
    assert keys == ["from-outside"] * 2


def test_the_key_of_a_profile_goes_to_no_other_service(
    member: Home, server: RecordingServer
) -> None:
    done = member.run("request", "agents.list", TRILLET_BASE_URL=server.url)
    assert done.returncode == 2
    assert "another service" in done.stderr
    assert server.requests == []


def test_a_missing_key_is_answered_with_all_ways(home: Home) -> None:
    done = home.run("request", "agents.list", TRILLET_BASE_URL="http://127.0.0.1:9")
    assert done.returncode == 3
    for way in ("TRILLET_API_KEY", "trillet login", "--profile", "TRILLET_PROFILE"):
        assert way in done.stderr


@pytest.mark.parametrize("name", ["nobody", "../x", "", "a b", "x" * 65])
def test_a_profile_that_is_not_there_is_an_error_that_says_which_are(
    member: Home, name: str
) -> None:
    done = member.run("request", "agents.list", "--profile", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert "default" in done.stderr or "letters" in done.stderr


def test_profiles_are_listed_shown_chosen_and_removed_without_their_keys(
    member: Home, service: dict[str, Any]
) -> None:
    member.run("login", "--profile", "b", "--base-url", service["url"], given=KEY)
    shown = [
        member.run("profiles", "list"),
        member.run("profiles", "list", "--output", "json"),
        member.run("profiles", "show"),
        member.run("profiles", "show", "b"),
        member.run("doctor"),
        member.run("profiles", "use", "b"),
        member.run("profiles", "remove", "b"),
        member.run("profiles", "list", "--output", "json"),
    ]
    assert [done.returncode for done in shown] == [0] * len(shown), shown
    assert all(KEY not in done.stdout + done.stderr for done in shown)
    assert all(KEY[:5] not in done.stdout for done in shown)
    before = json.loads(shown[1].stdout)["profiles"]
    assert [(each["profile"], each["isCurrent"]) for each in before] == [
        ("default", True),
        ("b", False),
    ]
    assert [each["profile"] for each in json.loads(shown[7].stdout)["profiles"]] == ["default"]
    assert member.run("profiles", "show", "b").returncode == 2
    assert member.run("profiles", "use", "b").returncode == 2


def test_nobody_has_a_current_profile_after_it_was_removed(member: Home) -> None:
    assert member.run("profiles", "remove", "default").returncode == 0
    assert KEY not in member.config.read_text()
    assert member.run("profiles", "show").returncode == 2
    assert member.run("profiles", "list").stdout.startswith("There is none")


def test_logging_out_keeps_the_address_and_the_workspace(
    member: Home, service: dict[str, Any]
) -> None:
    assert "the key is forgotten" in member.run("logout").stdout
    assert KEY not in member.config.read_text()
    assert member.run("login", given=KEY).returncode == 0
    assert service["url"] in member.run("profiles", "show").stdout


@pytest.mark.parametrize(
    "text",
    [
        "no section = 1",
        f"[profile default]\n{KEY}\n",
        "[profile a]\n[profile a]\n",
        f"[profile a]\napi_key = {KEY}\napi_key = 2\n",
        b"[profile a]\nworkspace = \xff\n",
    ],
)
def test_a_file_that_is_damaged_is_an_error_with_its_line_and_without_its_words(
    home: Home, text: str | bytes
) -> None:
    home.config.parent.mkdir(parents=True)
    home.config.write_bytes(text if isinstance(text, bytes) else text.encode())
    home.config.chmod(0o600)
    for words in (("profiles", "list"), ("request", "agents.list"), ("login",)):
        done = home.run(*words, given=KEY)
        assert done.returncode == 2
        assert str(home.config) in done.stderr
        assert KEY not in done.stderr


def test_what_others_have_written_into_the_file_stays(member: Home) -> None:
    text = member.config.read_text() + "[profile own]\nworkspace = w%1\ncolour = blue\n"
    member.config.write_text(text)
    assert member.run("profiles", "use", "own").returncode == 0
    assert "colour = blue" in member.config.read_text()
    assert "w%1" in member.run("profiles", "show").stdout


def test_logins_at_the_same_time_lose_none(home: Home, service: dict[str, Any]) -> None:
    names = [f"p{number}" for number in range(4)]
    logins = [
        threading.Thread(
            target=home.run,
            args=("login", "--profile", name, "--base-url", service["url"]),
            kwargs={"given": KEY},
        )
        for name in names
    ]
    for login in logins:
        login.start()
    for login in logins:
        login.join()
    listed = json.loads(home.run("profiles", "list", "--output", "json").stdout)["profiles"]
    assert sorted(each["profile"] for each in listed) == names


def test_a_campaign_belongs_to_the_account_of_the_profile(
    member: Home, service: dict[str, Any], tmp_path: Path
) -> None:
    import sqlite3

    variables = {
        "TRILLET_API_KEY": KEY,
        "TRILLET_WORKSPACE_ID": "own",
        "TRILLET_BASE_URL": service["url"],
    }
    files = [tmp_path / "a.sqlite", tmp_path / "b.sqlite"]
    done = [
        member.run("campaign", "create", files[0], "--agent", "a"),
        member.run("campaign", "create", files[1], "--agent", "a", **variables),
    ]
    assert [each.returncode for each in done] == [0, 0], done
    accounts = []
    for file in files:
        connection = sqlite3.connect(file)
        accounts += connection.execute("SELECT account FROM campaign").fetchall()
        connection.close()
    assert accounts[0] == accounts[1]


def test_the_doctor_says_where_each_setting_comes_from(member: Home) -> None:
    told = json.loads(member.run("doctor", "--json").stdout)
    found = {check["name"]: check for check in told["checks"]}
    assert told["ok"] is True
    assert found["profile"]["found"] == "default (the current one)"
    assert found["workspace"]["found"] == "own (profile default)"
    assert found["key"]["found"] == "accepted (profile default)"
    assert found["profiles"]["found"].endswith("mode 0600")
    member.config.chmod(0o644)
    told = json.loads(member.run("doctor", "--json").stdout)
    found = {check["name"]: check for check in told["checks"]}
    assert told["ok"] is False
    assert "chmod 600" in found["profiles"]["found"]


def test_a_folder_in_place_of_the_file_is_named(home: Home) -> None:
    home.config.mkdir(parents=True)
    for words in (("profiles", "list"), ("agents", "list"), ("logout",)):
        done = home.run(*words)
        assert done.returncode == 2, done
        assert f"{home.config} cannot be read: it is no file" in done.stderr
