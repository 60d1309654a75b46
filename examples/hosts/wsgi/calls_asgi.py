"""The same in an event loop: gunicorn -k uvicorn_worker.UvicornWorker calls_asgi:app.

Give -c another file: the gunicorn.conf.py of this folder makes a client that nobody needs here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

import trillet


@asynccontextmanager
async def client_of_worker() -> AsyncIterator[trillet.AsyncTrillet]:
    async with trillet.AsyncTrillet(timeout_ms=20_000, max_retries=0) as client:
        yield client


clients = client_of_worker()  # makes nothing before the worker's loop enters it
client: trillet.AsyncTrillet


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    global client
    while scope["type"] == "lifespan":
        event = (await receive())["type"]
        if event == "lifespan.startup":
            client = await clients.__aenter__()
        else:
            await clients.__aexit__(None, None, None)
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return
    asked = parse_qs(scope["query_string"].decode())
    call = await client.calls.send(asked["agent"][0], "+" + asked["number"][0])
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(trillet.call_id(call)).encode()})
