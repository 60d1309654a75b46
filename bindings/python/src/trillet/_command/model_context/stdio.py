"""The server on standard input and output: nothing but the protocol is written there."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_BLOCK = 65_536


class Lines:
    """The lines of standard input. A thread reads them that the program need not wait for: one that
    waits for a line would keep it from ending."""

    def __init__(self) -> None:
        import asyncio

        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        threading.Thread(target=self._read, name="trillet-stdin", daemon=True).start()

    def _read(self) -> None:
        descriptor, rest = 0, b""
        while True:
            try:
                block = os.read(descriptor, _BLOCK)
            except OSError:
                block = b""
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                self._put(line.decode("utf-8", "replace"))
            if not block:
                self._put(None)
                return

    def _put(self, line: str | None) -> None:
        try:
            self._loop.call_soon_threadsafe(self._queue.put_nowait, line)
        except RuntimeError:
            # The loop has ended, and nobody waits for lines.
            return

    async def __aiter__(self) -> AsyncIterator[str]:
        while (line := await self._queue.get()) is not None:
            if line.strip():
                yield line


async def serve_stdio(server: Any) -> None:
    """Until standard input is closed."""
    import anyio
    from mcp.server.stdio import stdio_server

    # Whatever prints writes to standard error: a stray line would be taken for a message.
    sys.stdout.flush()
    protocol = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    lines: Any = Lines()
    async with stdio_server(lines, anyio.wrap_file(protocol)) as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())
