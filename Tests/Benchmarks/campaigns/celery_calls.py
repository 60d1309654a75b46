"""The same calls as tasks of Celery, as its tutorial has them: BROKER, URL and AGENT say where."""

from __future__ import annotations

import os

from celery import Celery

import trillet

app = Celery("celery_calls", broker=os.environ["BROKER"])
app.conf.task_ignore_result = True
app.conf.worker_prefetch_multiplier = 1
_clients: list[trillet.Trillet] = []


def send(phone: str) -> None:
    if not _clients:
        url = os.environ["URL"]
        _clients.append(trillet.Trillet("sandbox-key", "sandbox-workspace", base_url=url))
    _clients[0].calls.send(os.environ["AGENT"], phone)


call = app.task(name="call", acks_late=True)(send)
