"""Numbers are bought, and given back, once: after a lost answer the workspace's numbers decide.

docs/decisions.md, mcp-doubts
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

from ... import TrilletError
from .doubts import Doubts
from .told import RefusedError
from .trimming import harmless

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from ... import AsyncTrillet

# A number that was bought is listed some seconds later.
LISTED_WITHIN = 60
_BUY = "numbers.purchase"
_UNSENT = "Nothing further was sent."


class Purchases:
    """Of one server: they count for all of its sessions."""

    def __init__(self, client: AsyncTrillet) -> None:
        self._client = client
        self._doubts = Doubts()
        self._ended: dict[str, float] = {}

    async def act(
        self, operation: str, arguments: Mapping[str, Any], agree: Callable[[], Awaitable[None]]
    ) -> Any:
        """Buys a number, or gives one back, when a person agrees."""
        which = _digits(arguments.get("phoneNumber")) or str(arguments.get("phoneNumberId"))
        key = f"{operation} {which}"
        await self._decide(key, operation, which)
        await agree()
        # Meanwhile another request may have done it.
        await self._decide(key, operation, which)
        try:
            return await self._doubts.act(
                (key,), lambda: self._client.call(operation, dict(arguments))
            )
        finally:
            self._ended[key] = monotonic()

    async def _decide(self, key: str, operation: str, which: str) -> None:
        """Returns where there is no doubt, or the numbers show that nothing was done."""
        self._doubts.refuse_under_way(key)
        if key not in self._doubts:
            return
        asked_at = monotonic()
        is_listed = await self._is_listed(which)
        # It may have been sent again, or settled, during the look.
        self._doubts.refuse_under_way(key)
        buys = operation == _BUY
        is_done = is_listed if buys else not is_listed
        if is_done:
            self._doubts.settle((key,))
            raise RefusedError(
                f"The answer to an earlier request like just that was lost, and it was done: the "
                f"number is {'now' if buys else 'no longer'} in the workspace's numbers "
                f"(numbers_list). {_UNSENT}"
            )
        left = self._ended[key] + LISTED_WITHIN - asked_at
        if left > 0:
            raise RefusedError(
                "The answer to an earlier request like just that was lost, and it may have been "
                f"done: the workspace's numbers show it some seconds later. {_UNSENT} "
                f"Look with numbers_list; in {int(left) + 1} seconds they decide."
            )
        self._doubts.settle((key,))

    async def _is_listed(self, which: str) -> bool:
        try:
            found: Any = (await self._client.call("numbers.list", {})).data
        except TrilletError as error:
            raise RefusedError(
                "An earlier request like just that may have been done, and the workspace's numbers "
                f"cannot be looked up now ({harmless(str(error))[:500]}). {_UNSENT}"
            ) from None
        # One alone may be answered without a list.
        numbers = [found] if isinstance(found, dict) and "phoneNumber" in found else found
        if not isinstance(numbers, list) or not all(isinstance(each, dict) for each in numbers):
            raise RefusedError(
                "An earlier request like just that may have been done, and the service's answer "
                f"does not list the workspace's numbers: a person has to look. {_UNSENT}"
            )
        return any(
            which in (_digits(each.get("phoneNumber")), str(each.get("_id"))) for each in numbers
        )


def _digits(number: object) -> str:
    """The same for every way to write a number."""
    return "".join(filter(str.isdigit, number)) if isinstance(number, str) else ""
