"""The id of a phone call, wherever an answer has it."""

from __future__ import annotations

from collections.abc import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES = ("callId", "call_id")


def call_id(answer: object) -> str | None:
    """Returns the id of the phone call that an answer is about, whatever its route calls it.

        call = client.calls.send(agent_id, "+12025550164")
        print(trillet.call_id(call))

    It raises nothing: when you ask, the phone has rung, and a missing id must not end the program.

    Args:
        answer: What a method returned, a `Response`, a `Result` of `map`, a record of the history
            or of a batch, a webhook's event, an answer as the library gives it (``ok``, ``meta``),
            or a `TrilletError`, whose call may have been placed.

    Returns:
        The id; None if the answer has none.
    """
    for place in _places(answer):
        for name in _NAMES:
            found = place.get(name)
            if isinstance(found, str) and found:
                return found
            if isinstance(found, int) and not isinstance(found, bool):
                return str(found)
    return None


def _places(answer: object) -> Iterator[Mapping[str, object]]:
    """The objects that may have the id, in the order in which they are believed."""
    if isinstance(answer, Mapping):
        if "ok" in answer and "meta" in answer:
            yield from _members(answer["meta"])
            yield from _members(answer.get("data"))
            error = answer.get("error")
            yield from _members(error.get("body") if isinstance(error, Mapping) else None)
        else:
            yield from _members(answer)
        return
    if hasattr(answer, "call_id"):
        yield {"callId": answer.call_id}
    if hasattr(answer, "response"):
        # Of `map`, whose `data` raises the error.
        yield from _places(answer.response or getattr(answer, "error", None))
        return
    for name in ("meta", "data", "body"):
        yield from _members(getattr(answer, name, None))


def _members(value: object) -> Iterator[Mapping[str, object]]:
    if isinstance(value, Mapping):
        yield value
        result = value.get("result")
        if isinstance(result, Mapping):
            yield result
