"""What a model may do: read, and whatever else the person who starts the server allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..._core.secret_naming import is_secret
from ..verbs.table import OPERATIONS

if TYPE_CHECKING:
    from pathlib import Path

    from ..verbs.described import Operation
    from .numbers import AllowedNumbers

READ, CHANGE, DELETE, CALL, PURCHASE, NEVER = range(6)

_KINDS = {
    "calls.send": CALL,
    "batch_calls.start": CALL,
    # It writes to a number.
    "conversations.generate": CALL,
    "numbers.purchase": PURCHASE,
    "numbers.release": PURCHASE,
    # Answered by POST, changed by nobody.
    "calls.export": READ,
    "batch_calls.validate": READ,
    "batch_calls.preview": READ,
    # Whom it reaches stands in no list of numbers.
    "conversations.act": NEVER,
    "workspaces.invite": NEVER,
    # A browser's, with a token of its own.
    "web_calls.connect": NEVER,
    "web_calls.disconnect": NEVER,
    "numbers.unbind": DELETE,
}
_KIND_OF_METHOD = {"GET": READ, "DELETE": DELETE}


@dataclass(frozen=True)
class Access:
    """The flags of the command."""

    changes: bool = False
    purchases: bool = False
    numbers: AllowedNumbers | None = None
    max_calls: int = 10
    confirms: bool = True
    files: Path | None = None

    def allows(self, kind: int) -> bool:
        return {
            READ: True,
            CHANGE: self.changes,
            DELETE: self.changes,
            CALL: self.numbers is not None,
            PURCHASE: self.purchases,
        }.get(kind, False)

    def operations(self) -> tuple[Operation, ...]:
        """Those that are offered."""
        return tuple(
            each for each in OPERATIONS if self.allows(kind_of(each)) and _is_usable(each, self)
        )


def kind_of(operation: Operation) -> int:
    if operation.answer == "binary" or any(
        field.is_required and is_secret(field.name) for field in operation.fields
    ):
        return NEVER
    return _KINDS.get(operation.id, _KIND_OF_METHOD.get(operation.method, CHANGE))


def _is_usable(operation: Operation, access: Access) -> bool:
    """A file is sent from one folder alone."""
    places = {field.place for field in operation.fields}
    return "file" not in places or "text" in places or access.files is not None
