"""What was perhaps done and is not repeated. docs/decisions.md, mcp-doubts"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import TrilletError
from .told import RefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence


class Doubts:
    """By the keys of what must not be done twice: numbers, files."""

    def __init__(self) -> None:
        self._under_way: set[str] = set()
        # With the error that left it open where there was one.
        self._open: dict[str, TrilletError | None] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._open

    def is_under_way(self, key: str) -> bool:
        return key in self._under_way

    def refuse_under_way(self, key: str, what: str = "just that") -> None:
        if self.is_under_way(key):
            raise RefusedError(f"A request like {what} is under way. Nothing further was sent.")

    def of(self, key: str) -> TrilletError | None:
        return self._open.get(key)

    def settle(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._open.pop(key, None)

    async def act(self, keys: Sequence[str], send: Callable[[], Awaitable[Any]]) -> Any:
        """Sends a request, which leaves a doubt unless its answer says whether it was done."""
        from anyio import CancelScope

        self._open.update(dict.fromkeys(keys))
        self._under_way.update(keys)
        # A client that gives up must not leave it open what was done.
        with CancelScope(shield=True):
            try:
                response = await send()
            except TrilletError as error:
                if error.sent != "maybe":
                    self.settle(keys)
                elif len(keys) == 1:
                    # No search tells what became of a batch.
                    self._open[keys[0]] = error
                raise
            finally:
                self._under_way.difference_update(keys)
        self.settle(keys)
        return response.data
