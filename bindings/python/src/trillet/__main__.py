"""``python -m trillet`` is the command ``trillet``."""

from __future__ import annotations

import sys

from ._command.command import main

if __name__ == "__main__":
    sys.exit(main())
