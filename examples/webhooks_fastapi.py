"""Webhooks with FastAPI: `uvicorn webhooks_fastapi:app`; the address ends with /webhooks/."""

from __future__ import annotations

import os

from fastapi import FastAPI
from trillet.webhooks import Event, PreCall, PreCallRequest, Receiver


def handle(event: Event) -> None:
    print(event.call_id, event.type, event.status)


def variables(request: PreCallRequest) -> dict[str, object]:
    return {"firstName": "Ada" if request.is_test else "there"}


receiver = Receiver(handle, os.environ["TRILLET_WEBHOOK_SECRET"])
app = FastAPI()
# With the slash at the end: a sender of webhooks does not follow the redirect to it.
app.mount("/webhooks/", receiver)
app.mount("/before-call/", PreCall(variables))
