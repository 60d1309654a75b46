"""The sandbox that conversations are held on: one of their own, or one that runs already."""

from __future__ import annotations

import os
import random
import urllib.parse
from typing import TYPE_CHECKING, Any

from .._model.errors import ConfigurationError
from ..testing import Controls, Sandbox, SandboxError

if TYPE_CHECKING:
    from .._sync.client import Trillet

_KEY, _WORKSPACE = "sandbox-key", "sandbox-workspace"
_SECONDS = 30.0
# Numbers that are nobody's: +15005551000 to +15005557999.
_NUMBERS = 6_900


class Service:
    """A sandbox whose time stands still, started for these conversations.

    Attributes:
        is_own: Whether it ends with them.
        offset: Where their numbers begin.
    """

    is_own = True
    offset = 0

    def __init__(self) -> None:
        self._sandbox = Sandbox(arguments=["--paused"])

    def client(self) -> Trillet:
        return self._sandbox.client()

    def control(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """A route below ``/sandbox/``."""
        return self._sandbox.control(method, path, body)

    def pass_time(self, seconds: float) -> None:
        """Lets all calls end."""
        self._sandbox.clock.advance(seconds)

    def longest_wait_ms(self, seconds: float) -> int:
        """How long calls of so many seconds may take to end, in real time."""
        del seconds
        return 60_000

    def close(self) -> None:
        self._sandbox.close()


class RunningService(Service):
    """A sandbox that others use too: its time is not touched."""

    is_own = False

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        parts = urllib.parse.urlsplit(self._url)
        if parts.scheme != "http" or not parts.hostname:
            # A sandbox speaks nothing else; and so no request leaves for the real service.
            raise ConfigurationError(
                f"{url} is no sandbox: its address begins with http://", field="baseUrl", sent="no"
            )
        self._controls = Controls(parts.port or 80, parts.hostname, _SECONDS)
        self.offset = random.randrange(_NUMBERS)
        self._speed = self._checked_speed()

    def _checked_speed(self) -> float:
        """Asks without a key whether it is a sandbox, and how fast its time runs."""
        try:
            self.control("GET", "/sandbox/callers")["callers"]
            clock = self.control("GET", "/sandbox/clock")
            speed, is_paused = float(clock["speed"]), bool(clock["paused"])
        except (SandboxError, KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(
                f"{self._url} is no sandbox that knows callers, and conversations are held on no "
                f"other service ({error})",
                field="baseUrl",
                sent="no",
            ) from None
        if is_paused:
            raise ConfigurationError(
                f"the time of {self._url} stands still, so no call would end; resume it, or leave "
                "out --base-url",
                field="baseUrl",
                sent="no",
            )
        return speed

    def client(self) -> Trillet:
        from .._sync.client import Trillet

        own = os.environ.get("TRILLET_BASE_URL", "").rstrip("/") == self._url
        key = os.environ.get("TRILLET_API_KEY") if own else None
        workspace = os.environ.get("TRILLET_WORKSPACE_ID") if own else None
        return Trillet(key or _KEY, workspace or _WORKSPACE, base_url=self._url)

    def control(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        return self._controls(method, path, body)

    def pass_time(self, seconds: float) -> None:
        """It passes by itself."""

    def longest_wait_ms(self, seconds: float) -> int:
        return round(seconds / self._speed * 1000) + 60_000

    def close(self) -> None:
        """It goes on."""
