"""What a fork waits for: imports, and the loading of the library.

A process that is forked while another thread imports a module never gets the module's lock.
"""

from __future__ import annotations

import os
import threading

# Whoever forks may be inside of an import that another thread waits for: not for ever.
# docs/decisions.md, fork-waits-for-imports.
_PATIENCE_SECONDS = 5

_PACKAGE = __name__.partition(".")[0]

# Within it nothing is imported but by the thread that has it. A fork may happen in an import.
_lock = threading.RLock()
_taken: list[bool] = []


def no_fork() -> threading.RLock:
    """Within it no other thread forks this process."""
    return _lock


def ready(*modules: str) -> None:
    """Imports modules, named from the package on, so that no later statement has to."""
    with _lock:
        for module in modules:
            # `importlib` takes longer to import than this package's own modules.
            __import__(f"{_PACKAGE}.{module}")


def _before_fork() -> None:
    _taken.append(_lock.acquire(timeout=_PATIENCE_SECONDS))


def _after_fork() -> None:
    if _taken.pop():
        _lock.release()


def _in_child() -> None:
    global _lock
    _taken.clear()
    _lock = threading.RLock()


os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_in_child)
