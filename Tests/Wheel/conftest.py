"""The wheels of a release, installed into an environment of their own."""

from __future__ import annotations

import os
import subprocess
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
RELEASE = Path(os.environ.get("TRILLET_RELEASE", ROOT / "build" / "release"))
# Nothing of the machine that runs the tests shall help.
OWN_VARIABLES = ("TRILLET_", "PYTHON", "LD_", "SSL_CERT", "CURL_CA")


@dataclass
class Environment:
    """A virtual environment, and a folder that is no checkout."""

    folder: Path
    here: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def run(self, *command: object, **others: Any) -> subprocess.CompletedProcess[str]:
        """Runs a program of the environment."""
        variables = {
            name: value for name, value in os.environ.items() if not name.startswith(OWN_VARIABLES)
        }
        variables.update(others.pop("variables", {}))
        program, *arguments = map(str, command)
        return subprocess.run(
            [str(self.folder / "bin" / program), *arguments],
            env=variables,
            cwd=self.here,
            capture_output=True,
            text=True,
            timeout=others.pop("timeout", 180),
            check=False,
        )

    def pip(self, *arguments: object) -> str:
        done = self.run("python", "-m", "pip", "--disable-pip-version-check", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def wheels() -> dict[str, Path]:
    """The files of the release by their names up to the version."""
    found = {path.name.split("-")[0]: path for path in sorted(RELEASE.glob("*.whl"))}
    if not {"trillet", "trillet_sandbox"} <= set(found):
        pytest.exit(f"{RELEASE} has no wheels: run `make wheel`", returncode=1)
    return found


def made(folder: Path) -> Environment:
    venv.create(folder / "venv", with_pip=True)
    (folder / "here").mkdir()
    return Environment(folder / "venv", folder / "here")


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory, wheels: dict[str, Path]) -> Environment:
    """Both wheels, installed together without an index."""
    environment = made(tmp_path_factory.mktemp("installed"))
    environment.pip("install", "--no-index", "--find-links", RELEASE, "trillet[sandbox]")
    return environment


@pytest.fixture
def empty(tmp_path: Path) -> Environment:
    return made(tmp_path)


def packages_of_these_tests() -> str:
    """Where pytest is, for a run of it in an environment that has none."""
    return str(Path(pytest.__file__).resolve().parents[1])
