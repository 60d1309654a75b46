"""What a server that runs as another user may read, wherever the checkout is."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from places import EXAMPLES, LIBRARY, ROOT


@contextmanager
def readable_folder(example: str) -> Iterator[Path]:
    """A folder with the package, the library and an example, all readable by everybody."""
    # Not pytest's folder: another run of pytest takes it back from the users that servers run as.
    with tempfile.TemporaryDirectory(prefix="trillet-host-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "bindings/python/src/trillet", folder / "trillet", ignore=ignored)
        shutil.copy(LIBRARY, folder / "trillet/libtrillet.so.1")
        shutil.copytree(EXAMPLES / example, folder / "example", ignore=ignored)
        yield folder


def environment_in(folder: Path, environment: dict[str, str]) -> dict[str, str]:
    library = str(folder / "trillet/libtrillet.so.1")
    return environment | {"PYTHONPATH": str(folder), "TRILLET_LIBRARY": library}
