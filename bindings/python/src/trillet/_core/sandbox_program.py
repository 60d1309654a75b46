"""Where the program trillet-sandbox is."""

from __future__ import annotations

import os
import shutil
from importlib import import_module
from pathlib import Path

ENVIRONMENT_VARIABLE = "TRILLET_SANDBOX"
NAME = "trillet-sandbox"
_CHECKOUT = Path(__file__).resolve().parents[5]


def sandbox_program() -> Path:
    """The program: named by the environment, of the package, on the path, of this source tree.

    Raises:
        LookupError: There is none; the message says how to get it.
    """
    named = os.environ.get(ENVIRONMENT_VARIABLE)
    if named:
        return Path(named)
    packaged = _packaged()
    if packaged is not None:
        return packaged
    found = shutil.which(NAME)
    if found is not None:
        return Path(found)
    built = _CHECKOUT / "build" / "bin" / NAME
    if built.exists():
        return built
    raise LookupError(
        "There is no trillet-sandbox: no package of that name, and none in PATH. Run `pip install "
        "'trillet[sandbox]'`, or build it with `make tools` in the source folder and name it in "
        f"{ENVIRONMENT_VARIABLE}"
    )


def _packaged() -> Path | None:
    try:
        package = import_module("trillet_sandbox")
    except ImportError:
        return None
    path = Path(package.program())
    return path if path.exists() else None
