"""A client in an asyncio loop, with ctypes alone; the Python package has AsyncTrillet for this.

Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
"""

import asyncio
import ctypes
import json
import os

library = ctypes.CDLL(os.environ.get("TRILLET_LIBRARY", "libtrillet.so.1"))
pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint64
done_type = ctypes.CFUNCTYPE(None, pointer, number, text)
library.trillet_client_new.restype = pointer
library.trillet_submit.argtypes = [pointer, text, text, text, done_type, pointer]
library.trillet_submit.restype = number


async def main() -> None:
    client = pointer(library.trillet_client_new(b'{"engine":"caller"}', None))
    if not client:
        raise SystemExit("no client: are TRILLET_API_KEY and TRILLET_BASE_URL right?")
    loop = asyncio.get_running_loop()
    descriptor = library.trillet_completion_fd(client)
    loop.add_reader(descriptor, library.trillet_drive, client, 0)
    waiting: dict[int, asyncio.Future[bytes]] = {}

    @done_type  # called inside trillet_drive, and so on the loop's thread
    def done(_: object, identifier: int, answer: bytes) -> None:
        waiting.pop(identifier).set_result(answer)

    for name in (b"agents.list", b"flows.list"):
        waiting[library.trillet_submit(client, name, None, None, done, None)] = loop.create_future()
    for answer in await asyncio.gather(*waiting.values()):
        print(f"done: {json.loads(answer)['status']}")
    loop.remove_reader(descriptor)
    library.trillet_client_free(client)


asyncio.run(main())
