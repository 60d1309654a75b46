"""What the resources (agents, flows, calls, batch calls) have in common, for `asyncio`."""

from __future__ import annotations

from .._core.base import without_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._core.base import Client
    from .._core.pager import Pager
    from .._model.options import RequestOptions


class AsyncResource:
    """A group of operations of one client for `asyncio`."""

    __slots__ = ("_client",)

    def __init__(self, client: Client) -> None:
        self._client = client

    def __repr__(self) -> str:
        return f"<trillet {type(self).__name__} of {self._client!r}>"

    def _pager(
        self, operation: str, fields: Mapping[str, object], options: RequestOptions | None
    ) -> Pager:
        """The pages of an operation that lists."""
        from .._core.pager import Pager

        client = self._client
        request = client._request(operation, without_none(fields), None)
        return Pager(client, operation, request, client._options(options, operation))
