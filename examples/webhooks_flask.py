"""Webhooks with Flask: `flask --app webhooks_flask run`; the address ends with /webhooks."""

from __future__ import annotations

import os

from flask import Flask, Response, request
from trillet.webhooks import Event, Receiver


def handle(event: Event) -> None:
    print(event.call_id, event.type, event.status)


receiver = Receiver(handle, os.environ["TRILLET_WEBHOOK_SECRET"])
app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 1_048_576


@app.post("/webhooks")
def webhooks() -> Response:
    # The bytes as they arrived: the signature is theirs.
    reply = receiver.answer(request.method, request.headers, request.get_data())
    return Response(reply.body, reply.status, reply.headers)
