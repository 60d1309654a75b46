"""Which fields are secrets: they are never written to a file, and no plan shows them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .._core.secret_naming import is_secret
from .references import has_variable

if TYPE_CHECKING:
    from collections.abc import Iterable


def telling(path: Iterable[str]) -> str:
    """The name that decides: below a secret everything is one."""
    names = list(path)
    return next((name for name in names if is_secret(name)), names[-1])


def has_secret(value: Any, name: str = "") -> bool:
    """Whether a secret is in the value of a field."""
    if isinstance(value, dict):
        return any(
            has_secret(below, name if is_secret(name) else key) for key, below in value.items()
        )
    if isinstance(value, list):
        return any(has_secret(below, name) for below in value)
    return bool(value) and isinstance(value, str) and is_secret(name)


def hidden(value: Any, name: str = "") -> Any:
    """A value for people, without its secrets."""
    if isinstance(value, dict):
        return {
            key: hidden(below, name if is_secret(name) else key) for key, below in value.items()
        }
    if isinstance(value, list):
        return [hidden(below, name) for below in value]
    return "***" if value and isinstance(value, str) and is_secret(name) else value


def clear_secrets(value: Any, path: str = "", name: str = "") -> list[str]:
    """Where a file has a secret itself, and not a variable for it."""
    if isinstance(value, dict):
        return [
            found
            for key, below in value.items()
            for found in clear_secrets(
                below, f"{path}.{key}" if path else key, name if is_secret(name) else key
            )
        ]
    if isinstance(value, list):
        return [
            found
            for place, below in enumerate(value)
            for found in clear_secrets(below, f"{path}[{place}]", name)
        ]
    is_clear = bool(value) and isinstance(value, str) and is_secret(name)
    return [path] if is_clear and not has_variable(value) else []


def variable_for(name: str, path: str) -> str:
    """The name of a variable for the secret at a path of an object."""
    return re.sub(r"[^A-Z0-9]+", "_", f"{name}_{path}".upper()).strip("_")
