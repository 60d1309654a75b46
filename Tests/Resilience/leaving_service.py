"""A service that answers a crowd of thousands, and then closes their connections when told to."""

from __future__ import annotations

import asyncio
import ssl
import threading

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}"
_READY = 20.0


class LeavingService:
    """Answers the requests of the crowd once all of them are there."""

    def __init__(self, crowd: int, tls: ssl.SSLContext | None = None) -> None:
        self._crowd = crowd
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._open: set[asyncio.StreamWriter] = set()
        self._waiting: list[asyncio.StreamWriter] = []
        self.port = 0

    def __enter__(self) -> LeavingService:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(_READY)
        return self

    def __exit__(self, *exception: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(_READY)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        return f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self.port}"

    def close_connections(self, count: int | None = None) -> None:
        """Closes so many connections, or all, and returns when they are closed."""

        async def close() -> None:
            leaving = list(self._open)[:count]
            for writer in leaving:
                writer.close()
            for writer in leaving:
                await writer.wait_closed()

        asyncio.run_coroutine_threadsafe(close(), self._loop).result(_READY)

    async def _start(self) -> None:
        server = await asyncio.start_server(
            self._converse, "127.0.0.1", 0, backlog=4096, ssl=self._tls
        )
        self.port = server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for each in others:
            each.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while True:
                await self._read_request(reader)
                self._waiting.append(writer)
                if len(self._waiting) == self._crowd:
                    for each in self._waiting:
                        each.write(_ANSWER)
                    self._waiting = []
        except (asyncio.IncompleteReadError, OSError):
            self._open.discard(writer)
            writer.close()

    async def _read_request(self, reader: asyncio.StreamReader) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                await reader.readexactly(int(line.split(b":")[1]))
