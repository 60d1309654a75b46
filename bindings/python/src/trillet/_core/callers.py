"""The people at some numbers, as a test fixes them on a sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_PATH = "/sandbox/callers"


class Callers:
    """What people say and do when an agent calls them."""

    def __init__(self, controls: Callable[..., dict[str, Any]]) -> None:
        self._controls = controls

    def set(
        self,
        number: str,
        *,
        says: Sequence[str | dict[str, int]] = (),
        answers: str = "person",
        answers_after: int = 5,
    ) -> None:
        """Fixes who is at a number, for all calls that are dialled from now on.

        Args:
            number: The number, for example ``"+15005551000"``; not a magic one.
            says: What the person says, in turn with the agent, before hanging up; ``{"silence":
                20}`` is a silence of 20 seconds.
            answers: ``"person"``, ``"voicemail"``, ``"busy"``, ``"declined"`` or ``"nobody"``.
            answers_after: How many seconds after dialling.

        Raises:
            SandboxError: One of these cannot be.
        """
        caller = {"says": list(says), "answers": answers, "answersAfter": answers_after}
        self._controls("PUT", f"{_PATH}/{number}", caller)

    def list(self) -> list[dict[str, Any]]:
        """Returns all of them, by number."""
        callers: list[dict[str, Any]] = self._controls("GET", _PATH)["callers"]
        return callers

    def remove(self, number: str) -> None:
        """Forgets who is at a number."""
        self._controls("DELETE", f"{_PATH}/{number}")

    def clear(self) -> None:
        """Forgets all of them."""
        self._controls("DELETE", _PATH)
