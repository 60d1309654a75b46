"""What a file says of an object: names for ids, variables for secrets, and its own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._core.secret_naming import is_secret
from .forms import unlinked
from .references import filled, for_file, has_variable
from .secret_fields import variable_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .kinds import Fields, Kind


def filed(
    kind: Kind, name: str, fields: Fields, before: Fields, environment: Mapping[str, str]
) -> tuple[Fields, list[str]]:
    """The members of a file, and what a person has to know of them.

    Args:
        kind: What it is.
        name: What the folder calls it.
        fields: What the file is to say, in the form that is compared.
        before: What it says now.
        environment: The values of variables.
    """
    filing = _Filing(name, environment)
    raw = filing.value(fields, before, "", False)
    return unlinked(kind, raw), filing.notes


class _Filing:
    def __init__(self, name: str, environment: Mapping[str, str]) -> None:
        self._name = name
        self._environment = environment
        self.notes: list[str] = []

    def value(self, value: Any, before: Any, path: str, secret: bool) -> Any:
        if isinstance(value, dict):
            known = before if isinstance(before, dict) else {}
            return {
                name: self.value(
                    below,
                    known.get(name),
                    f"{path}.{name}" if path else name,
                    secret or is_secret(name),
                )
                for name, below in value.items()
            }
        if isinstance(value, list):
            return [
                self.value(below, _like(below, place, before), f"{path}[{place}]", secret)
                for place, below in enumerate(value)
            ]
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return self._text(value, before, path, secret) if isinstance(value, str) else value

    def _text(self, value: str, before: Any, path: str, secret: bool) -> str:
        if isinstance(before, str) and filled(before, self._environment) == value:
            return before
        if not secret or not value:
            return for_file(value)
        if isinstance(before, str) and has_variable(before):
            self.notes.append(
                f"{path} stays {before}: the service has another value, or does not show it"
            )
            return before
        variable = variable_for(self._name, path)
        self.notes.append(f"{path} is a secret, which is not written: set {variable} to apply it")
        return f"${{{variable}}}"


def _like(value: Any, place: int, before: Any) -> Any:
    """The item of a list that was this one: of the same name, else in the same place."""
    if not isinstance(before, list):
        return None
    if isinstance(value, dict) and "name" in value:
        named = [
            each for each in before if isinstance(each, dict) and each.get("name") == value["name"]
        ]
        return named[0] if len(named) == 1 else None
    return before[place] if place < len(before) else None
