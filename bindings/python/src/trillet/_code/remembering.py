"""What is remembered of an object, so that a later change has an author."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .comparing import base_of, can_remove
from .leaves import at

if TYPE_CHECKING:
    from collections.abc import Collection

    from .folder import LocalObject
    from .leaves import Path
    from .service import RemoteObject
    from .state import State


def remember(
    state: State, wanted: LocalObject, remote: RemoteObject, sent: Collection[Path] | None = ()
) -> None:
    """Updates what the state knows of an object.

    Args:
        state: The state.
        wanted: What the file says.
        remote: What the service has.
        sent: What was sent and accepted: what the service makes of it is then no change of anybody.
            None for everything.
    """
    now = base_of(wanted.fields, remote.fields, state.sums)
    known = state.bases.get(wanted.name, {})
    kept = {}
    for path, (here, there) in now.items():
        if here == there or sent is None or path in sent:
            kept[path] = (here, there)
        elif path in known:
            kept[path] = known[path]
    for path in known:
        # Taken from the file, and still on the service: that is to be removed there.
        is_gone = path not in now and not (sent and path in sent)
        if is_gone and can_remove(wanted.kind, path) and at(remote.fields, path) is not None:
            kept[path] = known[path]
    state.ids[wanted.name] = remote.id
    state.set_base(wanted.name, kept)
