"""What a model is told of a failure: what failed, whether it was done, and what to do now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .trimming import harmless

if TYPE_CHECKING:
    from ... import TrilletError

_LONGEST = 2_000


class RefusedError(Exception):
    """The server does not do this; nothing was sent."""


def told(error: TrilletError, *, reads: bool, calls: bool = False) -> str:
    lines = [f"Failed ({error.type}): {_cut(str(error))}"]
    if error.field:
        lines.append(f"Argument: {_cut(error.field)}")
    if reads:
        lines.append("It only reads: nothing was changed.")
        if error.retryable:
            lines.append("The same may succeed later.")
        return "\n".join(lines)
    lines.append(f"sent: {error.sent}")
    lines.append(_advice(error, calls))
    return "\n".join(lines)


def told_fault(error: Exception, *, reads: bool) -> str:
    """Of an error that no request was to end with, such as an answer too deep to be shown."""
    failed = f"Failed ({type(error).__name__}): {_cut(str(error))}"
    if reads:
        return f"{failed}\nIt only reads: nothing was changed."
    return f"{failed}\nsent: maybe\nIt was perhaps done. Do NOT repeat it before you have looked."


def _advice(error: TrilletError, calls: bool) -> str:
    if error.sent == "no":
        again = "; the same may succeed later" if error.retryable else ""
        return f"Nothing was done{again}."
    look = f" {_cut(error.look_for)}" if error.look_for else ""
    if error.sent == "yes":
        return f"The service acted. Do not repeat it.{look}"
    if calls:
        return (
            "The phone may be ringing. Do NOT call again. First use calls_find with the same agent "
            'and number: only when it answers found "no" did no phone ring.'
        )
    return f"It may have been done. Do NOT repeat it before you have looked.{look}"


def _cut(text: str) -> str:
    return harmless(text if len(text) <= _LONGEST else text[:_LONGEST] + "…")
