"""What the resources (agents, flows, calls, batch calls) have in common, for `asyncio`."""

from __future__ import annotations

from .._native.imports import ready

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

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

    async def _merge(
        self,
        operation: str,
        fields: dict[str, object],
        extra_fields: Mapping[str, object] | None,
        options: RequestOptions | None,
    ) -> Any:
        """Gets a document, merges the changes into it and updates it as a whole."""
        from .._core.merging import IDS, needs_published_route, whole
        from .._model.errors import TrilletError

        id_name = IDS[operation]
        path = {id_name: fields.pop(id_name)}
        get = operation.replace(".update", ".get")
        current = await self._client._endpoint(get, dict(path), None, options)
        changes = {**fields, **(extra_fields or {})}
        merged = whole(operation, current, path[id_name], changes)
        fields = {**path, **merged}
        try:
            return await self._client._endpoint(operation, dict(fields), None, options)
        except TrilletError as error:
            if not needs_published_route(error):
                raise
        # It replaces the object, which loses nothing: all of it is sent.
        published: RequestOptions = {**(options or {}), "routes": "published"}
        return await self._client._endpoint(operation, fields, None, published)

    async def _save(
        self,
        fields: dict[str, object],
        progress: Callable[[Any], object],
        options: RequestOptions | None,
    ) -> Any:
        """Writes a recording to a file, and reports on it."""
        ready("_async.saving")
        from .saving import saved

        return await saved(self._client, fields, progress, options)

    def _pager(
        self, operation: str, fields: Mapping[str, object], options: RequestOptions | None
    ) -> AsyncPager:
        """The pages of an operation that lists."""
        from .pager import AsyncPager

        return AsyncPager.over(self._client, operation, fields, options)
