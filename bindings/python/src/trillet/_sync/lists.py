# Generated from _async/lists.py by Tools/python/blocking_twins.py. Do not edit.
"""Agents and flows, with their lists as iterators."""

from __future__ import annotations

from . import resources as _operations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .. import types
    from .._model.options import RequestOptions
    from .pages import Items, Pages


class Agents(_operations.Agents):
    __doc__ = _operations.Agents.__doc__

    def pages(
        self,
        *,
        page: int | None = None,
        limit: int | None = None,
        prefetch: bool | None = None,
        options: RequestOptions | None = None,
    ) -> Pages[types.AgentPage]:
        """The pages of `list`, one after the other.

            for page in client.agents.pages(limit=100):
                ...

        Args:
            page: The first page, from 1. Default 1.
            limit: How many entries a page has; more than 100 is cut to 100. Default 20.
            prefetch: Fetch the next page while this one is worked on. Default false.
            options: What these requests do differently from the client.

        Returns:
            An iterator of pages. On published routes there is one, a bare array of agents.
        """
        from .pages import Pages

        fields = {"page": page, "limit": limit, "prefetch": prefetch}
        return Pages(self._pager("agents.list", fields, options))

    def list_all(
        self,
        *,
        limit: int | None = None,
        prefetch: bool | None = None,
        options: RequestOptions | None = None,
    ) -> Items[types.Agent]:
        """Every agent of the workspace, fetched page by page.

            for agent in client.agents.list_all():
                ...

        Args: those of `pages`.

        Returns:
            An iterator of agents.
        """
        from .pages import Items

        fields = {"limit": limit, "prefetch": prefetch}
        return Items(self._pager("agents.list", fields, options), "agents")


class Flows(_operations.Flows):
    __doc__ = _operations.Flows.__doc__

    def pages(
        self,
        *,
        page: int | None = None,
        limit: int | None = None,
        prefetch: bool | None = None,
        options: RequestOptions | None = None,
    ) -> Pages[types.FlowPage]:
        """The pages of `list`, one after the other.

            for page in client.flows.pages(limit=100):
                ...

        Args:
            page: The first page, from 1. Default 1.
            limit: How many entries a page has; more than 100 is cut to 100. Default 20.
            prefetch: Fetch the next page while this one is worked on. Default false.
            options: What these requests do differently from the client.

        Returns:
            An iterator of pages. On published routes there is one, a bare array of flows.
        """
        from .pages import Pages

        fields = {"page": page, "limit": limit, "prefetch": prefetch}
        return Pages(self._pager("flows.list", fields, options))

    def list_all(
        self,
        *,
        limit: int | None = None,
        prefetch: bool | None = None,
        options: RequestOptions | None = None,
    ) -> Items[types.FlowSummary]:
        """Every flow of the workspace, fetched page by page.

            for flow in client.flows.list_all():
                ...

        Args: those of `pages`.

        Returns:
            An iterator of flows.
        """
        from .pages import Items

        fields = {"limit": limit, "prefetch": prefetch}
        return Items(self._pager("flows.list", fields, options), "flows")
