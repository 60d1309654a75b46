"""Builds modules for the nginx that Debian ships."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import LIBRARY, ROOT

SOURCES = Path("/usr/share/nginx/src")
NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin") or ""
WITH_NGINX = pytest.mark.skipif(
    not NGINX or not (SOURCES / "configure").exists(), reason="needs nginx and nginx-dev"
)


def module_built_from(sources: Path, folder: Path) -> None:
    """Builds it alone, into the folder's `module`."""
    out = shlex.quote(str(folder / "module"))
    script = f"""
        . ./conf_flags
        ./configure "${{NGX_CONF_FLAGS[@]}}" --with-cc-opt=-g --builddir={out} \\
            --add-dynamic-module={shlex.quote(str(sources))}
        make -f {out}/Makefile modules
    """
    names = {"TRILLET_INCLUDE": str(ROOT / "include"), "TRILLET_LIBRARY": str(LIBRARY)}
    subprocess.run(
        ["bash", "-ec", script],
        cwd=SOURCES,
        env=os.environ | names,
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=300,
    )


def configured(folder: Path, configuration: str, words: dict[str, object]) -> list[str]:
    """Writes the file of an nginx that keeps to the folder, with values in place of the words; the
    command that starts it."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    values = {"FOLDER": folder, "TEMPORARY_PATHS": places} | words
    text = re.sub("|".join(values), lambda found: str(values[found[0]]), configuration)
    (folder / "nginx.conf").write_text(text)
    return [NGINX, "-c", str(folder / "nginx.conf"), "-e", str(folder / "log")]


def wait_until(condition: Callable[[], bool], what: Callable[[], str]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.02)
