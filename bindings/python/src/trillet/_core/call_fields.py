"""What names a call that is followed or looked for, as fields of the library's request."""

from __future__ import annotations

from .._model.errors import TrilletError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def followed_call(
    call: Mapping[str, Any] | str | list[Any] | tuple[Any, ...],
) -> dict[str, object]:
    """Of `wait`: an id, an answer of the service, or a list of these."""
    if isinstance(call, str):
        return {"callId": call}
    if isinstance(call, (list, tuple)):
        return {"calls": call}
    # Apart from the fields of `wait`: a service that says more of a call than is documented would
    # be taken for a mistake in one of them, after the phone has rung.
    fields = dict(call)
    return fields if isinstance(fields.get("data"), dict) else {"data": fields}


def sought_call(call: TrilletError | Mapping[str, Any]) -> dict[str, object]:
    """Of `find`: an error of `send`, or what it says of its call."""
    return {"find": call.find} if isinstance(call, TrilletError) else dict(call)
