"""What differs between a file and the service, and who changed it: a comparison of three."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from .kinds import AGENTS, FLOWS, KNOWLEDGE, NUMBERS, Fields, Kind
from .leaves import Path, Sums, canonical, dotted, leaves_of
from .references import unset_in
from .secret_fields import has_secret, telling

if TYPE_CHECKING:
    from .state import Base

WEBHOOKS: Path = ("webhooks",)


class Who(Enum):
    """Who changed a value since both sides were last the same."""

    FILE = "file"
    SERVICE = "service"
    BOTH = "both"


class Difference(NamedTuple):
    """One value that is not the same on both sides.

    Attributes:
        path: Where it is.
        here: What the file says; None for nothing.
        there: What the service has; None for nothing.
        who: Who changed it.
        is_secret: Whether it may not be shown.
    """

    path: Path
    here: Any
    there: Any
    who: Who
    is_secret: bool


class Comparison(NamedTuple):
    """Of one object: what differs, and what cannot be made the same, with the reason."""

    differences: list[Difference]
    notes: list[str]

    def by(self, *who: Who) -> list[Difference]:
        """The differences that one side made."""
        return [each for each in self.differences if each.who in who]

    def taken(self, overwrite: bool) -> list[Difference]:
        """What apply makes as the file says."""
        return self.differences if overwrite else self.by(Who.FILE)


def summed(path: Path, value: Any, sums: Sums) -> str | None:
    """The sum of one side; None where it has nothing."""
    if value is None:
        return None
    if path == WEBHOOKS and isinstance(value, list):
        # The service adds to the end: the order says nothing.
        value = sorted(value, key=canonical)
    return sums.of(path, value)


def compared(kind: Kind, here: Fields, there: Fields, base: Base | None, sums: Sums) -> Comparison:
    """Compares a file with the service, and both with what they were."""
    ours, theirs = leaves_of(here), leaves_of(there)
    result = Comparison([], [])
    remembered = base or {}
    for path in dict.fromkeys((*ours, *theirs, *remembered)):
        mine, other, known = ours.get(path), theirs.get(path), remembered.get(path)
        if names := unset_in(mine):
            result.notes.append(f"{dotted(path)} cannot be compared: {', '.join(names)} is not set")
            continue
        was_here = known is not None and known[0] is not None
        if path not in ours and not was_here:
            continue
        ours_sum, theirs_sum = summed(path, mine, sums), summed(path, other, sums)
        if ours_sum == theirs_sum:
            continue
        who = _who(ours_sum, theirs_sum, known)
        if who is None:
            continue
        if path not in ours and not can_remove(kind, path):
            if who is not Who.SERVICE:
                result.notes.append(
                    f"{dotted(path)} is not in the file any more; the service keeps it. Write "
                    "null to remove it there, where the service allows that"
                )
            continue
        secret = has_secret(mine, telling(path)) or has_secret(other, telling(path))
        result.differences.append(Difference(path, mine, other, who, secret))
    return _without_impossible(kind, result)


def _who(
    ours: str | None, theirs: str | None, known: tuple[str | None, str | None] | None
) -> Who | None:
    if known is None:
        return Who.FILE
    is_ours, is_theirs = ours != known[0], theirs != known[1]
    if is_ours and is_theirs:
        return Who.BOTH
    if is_ours:
        return Who.FILE
    return Who.SERVICE if is_theirs else None


def can_remove(kind: Kind, path: Path) -> bool:
    """Whether the service can be without a value that it had: variables have no fixed names."""
    return kind is AGENTS and path[0] == "variables" and len(path) > 1


def _without_impossible(kind: Kind, found: Comparison) -> Comparison:
    """Moves what no request can change to the notes."""
    kept = []
    for each in found.differences:
        reason = None if each.who is Who.SERVICE else _why_not(kind, each)
        if reason is None:
            kept.append(each)
        else:
            found.notes.append(reason)
    return Comparison(kept, found.notes)


def _why_not(kind: Kind, difference: Difference) -> str | None:
    if kind is FLOWS and difference.path == WEBHOOKS:
        if added_webhooks(difference) is None:
            return (
                "webhooks: the service adds webhooks and changes none: remove or change the old "
                "one in the dashboard"
            )
    elif kind is KNOWLEDGE and difference.path not in (("textContent",), ("description",)):
        return f"{dotted(difference.path)}: the service changes only the text of a knowledge base"
    elif kind is NUMBERS and difference.path != ("agent",) and difference.here is None:
        return f"{dotted(difference.path)}: the service cannot remove it"
    return None


def added_webhooks(difference: Difference) -> list[Any] | None:
    """The webhooks to add; None if others would have to go."""
    left = [canonical(each) for each in difference.there or []]
    added = []
    for each in difference.here or []:
        text = canonical(each)
        if text in left:
            left.remove(text)
        else:
            added.append(each)
    return None if left else added


def base_of(here: Fields, there: Fields, sums: Sums) -> Base:
    """What is remembered of an object that is as its file says."""
    theirs = leaves_of(there)
    return {
        path: (summed(path, value, sums), summed(path, theirs.get(path), sums))
        for path, value in leaves_of(here).items()
        if not unset_in(value)
    }
