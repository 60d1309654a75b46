"""Reads requests and never answers: writes its port, and how many have come once all have."""

from __future__ import annotations

import asyncio
import sys


async def serve(expected: int) -> None:
    came = 0

    async def keep_waiting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal came
        try:
            await reader.readuntil(b"\r\n\r\n")
            came += 1
            if came == expected:
                print(came, flush=True)
            await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # The client has given up.
        finally:
            writer.close()

    server = await asyncio.start_server(keep_waiting, "127.0.0.1", 0, backlog=expected)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(serve(int(sys.argv[1])))
