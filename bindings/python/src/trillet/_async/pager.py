"""A pager of the library's, for an event loop."""

from __future__ import annotations

from .._core.base import without_none
from .._core.pager import Pager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._core.base import Client
    from .._model.options import RequestOptions
    from .event_loop import LoopDesk


class AsyncPager(Pager):
    """A pager that its client's event loop runs."""

    # Whether the next page is fetched while somebody works on the one before.
    prefetches = False
    _owner: Client

    @classmethod
    def over(
        cls,
        client: Client,
        operation: str,
        fields: Mapping[str, object],
        options: RequestOptions | None,
    ) -> AsyncPager:
        request = client._request(operation, without_none(fields), None)
        pager = cls(client, operation, request, client._options(options, operation))
        pager.prefetches = fields.get("prefetch") is True
        pager._owner = client
        return pager

    def desk(self) -> LoopDesk:
        desk: LoopDesk = self._owner._open_desk(self.operation)
        return desk
