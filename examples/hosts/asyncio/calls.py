"""A client in an asyncio loop, with ctypes alone; the Python package has AsyncTrillet for this.

Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
from ctypes import c_char_p, c_int32, c_uint64, c_void_p

library = ctypes.CDLL(os.environ.get("TRILLET_LIBRARY", "libtrillet.so.1"))
DONE = ctypes.CFUNCTYPE(None, c_void_p, c_uint64, c_char_p)
library.trillet_client_new.restype = c_void_p
library.trillet_client_free.argtypes = [c_void_p]
library.trillet_submit.argtypes = [
    c_void_p,
    c_char_p,
    c_char_p,
    c_char_p,
    DONE,
    c_void_p,
]
library.trillet_submit.restype = c_uint64
library.trillet_drive.argtypes = [c_void_p, c_int32]
library.trillet_completion_fd.argtypes = [c_void_p]


async def main() -> None:
    client = library.trillet_client_new(b'{"engine":"caller"}', None)
    if client is None:
        raise SystemExit("no client: are TRILLET_API_KEY and TRILLET_BASE_URL right?")
    loop = asyncio.get_running_loop()
    descriptor = library.trillet_completion_fd(client)
    loop.add_reader(descriptor, library.trillet_drive, client, 0)
    waiting: dict[int, asyncio.Future[bytes]] = {}

    # Called inside trillet_drive, and so on the loop's thread.
    def settle(_: int | None, number: int, answer: bytes) -> None:
        future = waiting.pop(number)
        if not future.done():
            future.set_result(answer)

    # The variable keeps the callback alive.
    done = DONE(settle)

    def submit(operation: bytes) -> asyncio.Future[bytes]:
        number = library.trillet_submit(client, operation, None, None, done, None)
        waiting[number] = loop.create_future()
        return waiting[number]

    for answer in await asyncio.gather(submit(b"agents.list"), submit(b"flows.list")):
        print(f"done: {json.loads(answer)['status']}")
    loop.remove_reader(descriptor)
    library.trillet_client_free(client)


asyncio.run(main())
