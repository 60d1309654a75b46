"""Writes a recording to a file, and reports on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._core.following import checked_download
from .following import Following

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._core.base import Client
    from .._model.options import RequestOptions


def saved(
    client: Client,
    fields: dict[str, object],
    progress: Callable[[Any], object],
    options: RequestOptions | None,
) -> Any:
    """The answer in the end. A thread downloads; ``progress`` is called on this one."""
    checked_download(fields, progress)
    following = Following(client, "calls.save_recording", fields, options)
    try:
        while (report := following.next()) is not None:
            following.answer(following.told(progress, report))
        return following.data
    except BaseException:
        following.leave()
        raise
