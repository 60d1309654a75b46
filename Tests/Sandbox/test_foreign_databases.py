"""A file that is another program's is left as it is."""

from __future__ import annotations

import sqlite3
import subprocess
from pathlib import Path

import pytest

from conftest import StartSandbox
from sandbox_program import binary


def refused(*arguments: str) -> str:
    result = subprocess.run(
        [str(binary()), *arguments], capture_output=True, text=True, timeout=30, check=False
    )
    assert result.returncode != 0
    return result.stderr


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def foreign(path: Path, *statements: str) -> Path:
    with sqlite3.connect(path) as database:
        for statement in statements:
            database.execute(statement)
    database.close()
    return path


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TABLE customer (name TEXT)",),
        ("CREATE VIEW numbers AS SELECT 1",),
        ("CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)",),
        (
            "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)",
            "INSERT INTO grdb_migrations VALUES ('createPlayers')",
            "CREATE TABLE player (name TEXT)",
        ),
        ("CREATE TABLE sqlites (name TEXT)",),
    ],
)
@pytest.mark.parametrize("command", [("--port", "0"), ("keys", "add")])
def test_a_file_with_other_tables_is_refused_and_stays_as_it_was(
    tmp_path: Path, statements: tuple[str, ...], command: tuple[str, ...]
) -> None:
    path = foreign(tmp_path / "other.sqlite", *statements)
    before = files(tmp_path)
    error = refused(*command, "--database", str(path), *(("one",) if "keys" in command else ()))
    assert str(path) in error
    assert "tables that no sandbox has made" in error
    assert "--database" in error
    assert files(tmp_path) == before


def test_the_error_names_some_of_the_tables(tmp_path: Path) -> None:
    tables = [f"CREATE TABLE t{number} (a)" for number in range(100)]
    error = refused("--port", "0", "--database", str(foreign(tmp_path / "other.sqlite", *tables)))
    assert "(t0, t1, t10, ...)" in error


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0"[:7], b"a text, no database\n" * 50])
def test_a_file_that_is_no_database_is_no_database_afterwards(
    start_sandbox: StartSandbox, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    if not content:
        assert start_sandbox("--database", str(path)).stop() == 0
        return
    assert str(path) in refused("--port", "0", "--database", str(path))
    assert path.read_bytes() == content


def test_a_file_of_a_sandbox_that_was_killed_is_taken(
    start_sandbox: StartSandbox, tmp_path: Path
) -> None:
    path = tmp_path / "sandbox.sqlite"
    server = start_sandbox("--database", str(path))
    server.kill()
    assert start_sandbox("--database", str(path)).stop() == 0
