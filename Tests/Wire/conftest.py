"""What the tests share."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from certificates import Certificate, make_certificate
from recording_server import RecordingServer
from seed import SEED
from sessions import Program
from wires import WIRES, Line, Wire

ROOT = Path(__file__).resolve().parents[2]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-table", action="store_true", help="write docs/resilience.md")
    parser.addoption("--rounds", type=int, default=1, help="how often the first calls are made")
    parser.addoption("--faults", type=int, default=1000, help="how many faults on each wire")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"TRILLET_TEST_SEED={SEED}")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def lines(certificate: Certificate) -> dict[Wire, Line]:
    return {wire: Line(wire, certificate) for wire in WIRES}


@pytest.fixture(params=WIRES, ids=repr)
def line(request: pytest.FixtureRequest, lines: dict[Wire, Line]) -> Line:
    """Each test runs once over each wire."""
    return lines[request.param]


@pytest.fixture
def server(line: Line) -> Iterator[RecordingServer]:
    with line.server() as running:
        yield running


@pytest.fixture(scope="session", autouse=True)
def cpp_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The door of C++, compiled once."""
    library = Path(
        os.environ.get("TRILLET_LIBRARY") or ROOT / "build/lib/libtrillet.so.1"
    ).resolve()
    compiler = os.environ.get("CXX") or shutil.which("g++") or "c++"
    program = tmp_path_factory.mktemp("cpp") / "wire_calls"
    flags = ["-std=c++17", "-O1", "-Wall", "-Wextra", "-pedantic", "-Werror", "-pthread"]
    source = str(Path(__file__).with_name("wire_calls.cpp"))
    command = [compiler, *flags, f"-I{ROOT / 'include'}", source, str(library)]
    subprocess.run([*command, f"-Wl,-rpath,{library.parent}", "-o", str(program)], check=True)
    Program.path = program
    return program
