"""What the resources (agents, flows, calls, batch calls) have in common."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping
    from typing import Any

    from ._async_client import AsyncTrillet
    from ._client import Trillet
    from ._options import RequestOptions
    from ._pages import Pager


class Resource:
    """A group of operations of one client; safe to use from any number of threads."""

    __slots__ = ("_client",)

    def __init__(self, client: Trillet) -> None:
        self._client = client

    def __repr__(self) -> str:
        return f"<trillet {type(self).__name__} of {self._client!r}>"

    def _call(
        self,
        function: str,
        fields: dict[str, object],
        extra_fields: Mapping[str, object] | None,
        options: RequestOptions | None,
    ) -> Any:
        """Calls an endpoint function and returns the data of its answer.

        Fields that are None are not sent; ``extra_fields`` are sent as they are.
        """
        return self._client._endpoint(function, fields, extra_fields, options)

    def _pager(
        self, operation: str, fields: Mapping[str, object], options: RequestOptions | None
    ) -> Pager:
        """The pages of an operation that lists."""
        from ._pages import Pager

        client = self._client
        request = client._request(operation, fields, None)
        return Pager(client, operation, request, client._options(options, operation))


class AsyncResource:
    """A group of operations of one client for `asyncio`."""

    __slots__ = ("_client",)

    def __init__(self, client: AsyncTrillet) -> None:
        self._client = client

    def __repr__(self) -> str:
        return f"<trillet {type(self).__name__} of {self._client!r}>"

    def _call(
        self,
        function: str,
        fields: dict[str, object],
        extra_fields: Mapping[str, object] | None,
        options: RequestOptions | None,
    ) -> Awaitable[Any]:
        """Calls an endpoint function and gives the data of its answer.

        Fields that are None are not sent; ``extra_fields`` are sent as they are.
        """
        return self._client._endpoint(function, fields, extra_fields, options)

    def _pager(
        self, operation: str, fields: Mapping[str, object], options: RequestOptions | None
    ) -> Pager:
        """The pages of an operation that lists."""
        from ._pages import Pager

        client = self._client
        request = client._request(operation, fields, None)
        return Pager(client, operation, request, client._options(options, operation))
