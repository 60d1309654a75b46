"""Agents and flows as coroutines, with their lists as iterators."""

from __future__ import annotations

from . import resources as _operations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .. import types
    from .._model.options import RequestOptions
    from .pages import AsyncItems, AsyncPages


class AsyncAgents(_operations.AsyncAgents):
    __doc__ = _operations.AsyncAgents.__doc__

    def pages(
        self,
        *,
        page: int | None = None,
        limit: int | None = None,
        prefetch: bool | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncPages[types.AgentPage]:
        """The pages of `list`, one after the other.

            async for page in client.agents.pages(limit=100):
                ...

        Args:
            page: The first page, from 1. Default 1.
            limit: How many entries a page has; more than 100 is cut to 100. Default 20.
            prefetch: Fetch the next page while this one is worked on. Default false.
            options: What these requests do differently from the client.

        Returns:
            An iterator of pages. On published routes there is one, a bare array of agents.
        """
        from .pages import AsyncPages

        fields = {"page": page, "limit": limit, "prefetch": prefetch}
        return AsyncPages(self._pager("agents.list", fields, options))

    def list_all(
        self,
        *,
        limit: int | None = None,
        prefetch: bool | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncItems[types.Agent]:
        """Every agent of the workspace, fetched page by page.

            async for agent in client.agents.list_all():
                ...

        Args: those of `pages`.

        Returns:
            An iterator of agents.
        """
        from .pages import AsyncItems

        fields = {"limit": limit, "prefetch": prefetch}
        return AsyncItems(self._pager("agents.list", fields, options), "agents")


class AsyncFlows(_operations.AsyncFlows):
    __doc__ = _operations.AsyncFlows.__doc__

    def pages(
        self,
        *,
        page: int | None = None,
        limit: int | None = None,
        prefetch: bool | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncPages[types.FlowPage]:
        """The pages of `list`, one after the other.

            async for page in client.flows.pages(limit=100):
                ...

        Args:
            page: The first page, from 1. Default 1.
            limit: How many entries a page has; more than 100 is cut to 100. Default 20.
            prefetch: Fetch the next page while this one is worked on. Default false.
            options: What these requests do differently from the client.

        Returns:
            An iterator of pages. On published routes there is one, a bare array of flows.
        """
        from .pages import AsyncPages

        fields = {"page": page, "limit": limit, "prefetch": prefetch}
        return AsyncPages(self._pager("flows.list", fields, options))

    def list_all(
        self,
        *,
        limit: int | None = None,
        prefetch: bool | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncItems[types.FlowSummary]:
        """Every flow of the workspace, fetched page by page.

            async for flow in client.flows.list_all():
                ...

        Args: those of `pages`.

        Returns:
            An iterator of flows.
        """
        from .pages import AsyncItems

        fields = {"limit": limit, "prefetch": prefetch}
        return AsyncItems(self._pager("flows.list", fields, options), "flows")
