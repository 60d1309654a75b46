"""What somebody has who installed the wheels: no variable, no compiler, no checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import RELEASE, ROOT, Environment, packages_of_these_tests

INFO = "import json, trillet; print(json.dumps(trillet.library_info()))"
CALL = """
import trillet
with trillet.Trillet() as client:
    agent = client.agents.create(
        name="Desk", tts_model={"provider": "rime", "voiceId": "v"}, llm_model="gpt-4o-mini"
    )
    client.flows.create(
        name="Renewal", direction="outbound", prompt_type="simple", agent=agent["_id"],
        prompt="Greet.", is_active=True
    )
    print(client.calls.send(agent["_id"], "+12025550164")["callId"])
"""
USES_FIXTURES = """
def test_a_call_arrives_once(trillet_sandbox, trillet_client):
    agent = trillet_client.agents.create(
        name="Desk", tts_model={"provider": "rime", "voiceId": "v"}, llm_model="gpt-4o-mini"
    )
    trillet_client.flows.create(
        name="Renewal", direction="outbound", prompt_type="simple", agent=agent["_id"],
        prompt="Greet.", is_active=True
    )
    trillet_client.calls.send(agent["_id"], "+12025550164")
    assert trillet_sandbox.ledger().totals("calls.send").effects == 1
"""
LIBRARIES = ["bundled", "system"]


@pytest.fixture(scope="module")
def service(installed: Environment) -> Iterator[dict[str, str]]:
    """`trillet sandbox`, as variables for its clients."""
    command = [str(installed.folder / "bin" / "trillet"), "sandbox", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=installed.here
    ) as process:
        assert process.stdout is not None
        try:
            ready = json.loads(process.stdout.readline())
            yield {
                "TRILLET_BASE_URL": ready["url"],
                "TRILLET_API_KEY": ready["apiKey"],
                "TRILLET_WORKSPACE_ID": ready["workspaceId"],
            }
        finally:
            process.terminate()
    assert process.returncode in (0, -15, 143)


def info(installed: Environment, **variables: str) -> dict[str, Any]:
    done = installed.run("python", "-c", INFO, variables=variables)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_the_library_is_that_of_the_wheel(installed: Environment) -> None:
    told = info(installed)
    assert told["path"].startswith(str(installed.folder))
    assert told["version"] in installed.run("trillet", "--version").stdout


@pytest.mark.parametrize("kind", LIBRARIES)
def test_each_of_the_two_libraries_can_be_chosen(installed: Environment, kind: str) -> None:
    told = info(installed, TRILLET_LIBRARY=kind)
    assert told["kind"] == kind
    name = "libtrillet-bundled.so.1" if kind == "bundled" else "libtrillet.so.1"
    assert told["path"].endswith(f"/{name}")
    assert told["libcurl"]
    assert told["tls"]


def test_a_contact_file_is_checked_without_a_key(installed: Environment) -> None:
    shutil.copy(ROOT / "examples" / "contacts.csv", installed.here)
    done = installed.run("trillet", "check", "contacts.csv")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("kind", LIBRARIES)
def test_a_call_against_the_installed_sandbox(
    installed: Environment, service: dict[str, str], kind: str
) -> None:
    done = installed.run("python", "-c", CALL, variables={**service, "TRILLET_LIBRARY": kind})
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("kind", LIBRARIES)
def test_the_doctor_finds_no_problem(
    installed: Environment, service: dict[str, str], kind: str
) -> None:
    variables = {**service, "TRILLET_LIBRARY": kind}
    done = installed.run("trillet", "doctor", variables=variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f", {kind}: " in done.stdout
    assert "accepted" in done.stdout


def test_the_fixtures_of_pytest_find_the_sandbox(installed: Environment) -> None:
    (installed.here / "test_mine.py").write_text(USES_FIXTURES)
    variables = {"PYTHONPATH": packages_of_these_tests()}
    done = installed.run("python", "-m", "pytest", "-q", "test_mine.py", variables=variables)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_the_sandbox_has_a_command_of_its_own(installed: Environment) -> None:
    done = installed.run("trillet-sandbox", "--help")
    assert done.returncode == 0, done.stderr
    assert "--port" in done.stdout
    assert done.stdout == installed.run("trillet", "sandbox", "--help").stdout


def test_certificates_that_the_environment_names_are_taken(installed: Environment) -> None:
    told = info(installed, TRILLET_LIBRARY="bundled", SSL_CERT_FILE="/somewhere/own.pem")
    assert told["ca_file"] == "/somewhere/own.pem"


# In a view of the files of its own, as if the system had no certificates.
BLIND = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /etc/ssl && exec "$@"', "sh"]
OPENED = """
import json, trillet
try:
    trillet.Trillet("sandbox-key", "sandbox-workspace", base_url="https://127.0.0.1:1").close()
    print(json.dumps({"error": None, **trillet.library_info()}))
except trillet.TrilletError as error:
    print(json.dumps({"error": str(error), "field": error.field}))
"""


def opened_blind(installed: Environment, **variables: str) -> dict[str, Any]:
    if (
        Path("/etc/pki").exists()
        or subprocess.run([*BLIND, "true"], capture_output=True).returncode
    ):
        pytest.skip("needs a Debian, and a view of the files of its own: run it as root")
    environment = {"PATH": os.environ["PATH"], "TRILLET_LIBRARY": "bundled", **variables}
    done = subprocess.run(
        [*BLIND, str(installed.python), "-c", OPENED],
        env=environment,
        cwd=installed.here,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_without_certificates_of_the_system_those_of_certifi_are_taken(
    installed: Environment, tmp_path: Path
) -> None:
    authorities = tmp_path / "authorities.pem"
    authorities.write_text("")
    (tmp_path / "certifi.py").write_text(f"def where(): return {str(authorities)!r}")
    told = opened_blind(installed, PYTHONPATH=str(tmp_path))
    assert told["error"] is None
    assert told["ca_file"] == str(authorities)


def test_without_any_certificates_a_client_is_refused_with_what_to_do(
    installed: Environment,
) -> None:
    told = opened_blind(installed)
    assert told["field"] == "caFile"
    assert "ca-certificates" in told["error"]


def test_nothing_is_left_after_uninstalling(empty: Environment) -> None:
    before = {path for path in empty.folder.rglob("*") if "pip" not in path.parts}
    empty.pip("install", "--no-index", "--find-links", RELEASE, "trillet[sandbox]")
    empty.run("python", "-c", "import trillet.testing, trillet_sandbox; trillet.version()")
    empty.pip("uninstall", "--yes", "trillet", "trillet-sandbox")
    after = {path for path in empty.folder.rglob("*") if "pip" not in path.parts}
    assert {path for path in after - before if "__pycache__" not in path.parts} == set()
