"""What the resources (agents, flows, calls, batch calls) have in common, for `asyncio`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._core.base import Client
    from .._model.options import RequestOptions
    from .pager import AsyncPager


class AsyncResource:
    """A group of operations of one client for `asyncio`."""

    __slots__ = ("_client",)

    def __init__(self, client: Client) -> None:
        self._client = client

    def __repr__(self) -> str:
        return f"<trillet {type(self).__name__} of {self._client!r}>"

    def _pager(
        self, operation: str, fields: Mapping[str, object], options: RequestOptions | None
    ) -> AsyncPager:
        """The pages of an operation that lists."""
        from .pager import AsyncPager

        return AsyncPager.over(self._client, operation, fields, options)
