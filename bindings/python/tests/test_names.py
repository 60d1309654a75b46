"""Where programs find the package: its public names, its command, and what is installed."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import trillet
from conftest import ROOT

PROJECT = ROOT / "bindings/python"
NAMES = [
    "AsyncBatchResults",
    "AsyncItems",
    "AsyncPages",
    "AsyncResults",
    "AsyncTrillet",
    "AuthenticationError",
    "BatchEnd",
    "BatchProgressUpdate",
    "BatchResults",
    "CallDetails",
    "ClientClosedError",
    "ConfigurationError",
    "ConflictError",
    "ConnectionFailedError",
    "ContactsError",
    "CsvCountry",
    "CsvProblem",
    "CsvReport",
    "DetailedCall",
    "DownloadUpdate",
    "ForkedError",
    "InternalError",
    "InvalidArgumentError",
    "Items",
    "LibraryError",
    "NotFoundError",
    "Pages",
    "PermissionDeniedError",
    "RateLimitedError",
    "RejectedError",
    "RequestCancelledError",
    "RequestOptions",
    "RequestTimeoutError",
    "Response",
    "ResponseError",
    "Result",
    "Results",
    "ResultsEnd",
    "ResultsUpdate",
    "ServerError",
    "Stats",
    "TLSError",
    "Trillet",
    "TrilletError",
    "__version__",
    "call_id",
    "check_csv",
    "content",
    "operations",
    "types",
    "version",
]
MODULES = {
    "campaign": ["Added", "Campaign", "Contact", "Policy", "Retry", "Status", "Summary", "Window"],
    "celery": ["CampaignSlices"],
    "contacts": ["ContactsError", "CsvCountry", "CsvProblem", "CsvReport", "check_csv"],
    "pytest_plugin": ["trillet_client", "trillet_sandbox", "trillet_sandbox_server"],
    "temporal": ["CampaignSlices", "CampaignWorkflow"],
    "testing": ["Clock", "Faults", "Ledger", "Sandbox", "SandboxError", "Totals"],
    "types": ["Agent", "BatchCall", "CallSend", "Flow"],
    "webhooks": ["Event", "MemoryStore", "PreCall", "Receiver", "Store", "verify"],
}
# Modules that need a package which the distribution does not bring.
ENGINES = {"celery": "celery", "temporal": "temporalio"}


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_is_imported_from_the_package(name: str) -> None:
    imported: dict[str, object] = {}
    exec(f"from trillet import {name}", imported)
    assert imported[name] is getattr(trillet, name)
    assert name in trillet.__all__


@pytest.mark.parametrize("module", MODULES)
def test_every_public_module_has_its_names(module: str) -> None:
    if module in ENGINES:
        pytest.importorskip(ENGINES[module])
    found = importlib.import_module(f"trillet.{module}")
    for name in MODULES[module]:
        assert getattr(found, name) is not None, name


def test_a_name_of_contacts_is_the_same_by_either_way() -> None:
    for name in MODULES["contacts"]:
        found = getattr(importlib.import_module("trillet.contacts"), name)
        assert found is getattr(trillet, name), name


def test_only_public_names_stand_beside_the_rooms() -> None:
    package = Path(trillet.__file__).parent
    modules = {path.stem for path in package.glob("*.py")}
    assert modules == {"__init__", "__main__", *MODULES}


def test_the_command_is_where_the_distribution_says() -> None:
    named = re.search(r'^trillet = "(.+):(.+)"$', (PROJECT / "pyproject.toml").read_text(), re.M)
    assert named is not None
    assert callable(getattr(importlib.import_module(named[1]), named[2]))


def test_what_is_installed_has_every_module(tmp_path: Path) -> None:
    pytest.importorskip("setuptools")
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", "build", "tests", ".*")
    shutil.copytree(PROJECT, tmp_path / "project", ignore=ignored)
    built = tmp_path / "project/build/lib"
    build = [sys.executable, "-c", "import setuptools; setuptools.setup()", "-q", "build"]
    subprocess.run(build, cwd=tmp_path / "project", check=True, timeout=120)
    source = PROJECT / "src"
    expected = {path.relative_to(source) for path in source.rglob("*.py")}
    assert {path.relative_to(built) for path in built.rglob("*.py")} == expected
    assert (built / "trillet/py.typed").exists()
    shown = subprocess.run(
        [sys.executable, "-m", "trillet", "--version"],
        cwd=built,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert shown.stdout == f"trillet {trillet.__version__}\n"
