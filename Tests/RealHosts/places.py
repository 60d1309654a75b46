"""Where the library under test is, the examples, and what runs them."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples/hosts"
LIBRARY = Path(os.environ.get("TRILLET_LIBRARY", ROOT / "build/lib/libtrillet.so.1"))
# A Python that has what requirements.txt names.
PYTHON = Path(os.environ.get("HOSTS_PYTHON", "/nonexistent"))
