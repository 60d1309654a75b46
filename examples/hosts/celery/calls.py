"""Calls as tasks of Celery's prefork workers: celery -A calls worker

An engine that runs work again rings again: the intent is committed before the phone can ring.
"""

from __future__ import annotations

import os
import sqlite3

import celery
import trillet
from celery.signals import worker_process_init, worker_process_shutdown

app = celery.Celery("calls", broker=os.environ["CALLS_BROKER"])
app.conf.broker_transport_options = {"data_folder_in": "tasks", "data_folder_out": "tasks"}
app.conf.update(task_acks_late=True, task_reject_on_worker_lost=True)
clients: list[trillet.Trillet] = []


@worker_process_init.connect
def open_client(**_: object) -> None:
    clients.append(trillet.Trillet(timeout_ms=20_000))


@worker_process_shutdown.connect
def close_client(**_: object) -> None:
    clients.pop().close(5000)


@app.task(time_limit=60)
def place(intent: str, agent: str, number: str) -> None:
    with sqlite3.connect("intents.sqlite", isolation_level=None) as book:
        book.execute("CREATE TABLE IF NOT EXISTS intents (id TEXT PRIMARY KEY, outcome TEXT)")
        new = "INSERT INTO intents VALUES (?, 'maybe') ON CONFLICT DO NOTHING"
        if book.execute(new, (intent,)).rowcount == 0:
            return  # Begun before: whether it rang is looked up, never dialled.
        outcome = str(trillet.call_id(clients[0].calls.send(agent, number)))
        book.execute("UPDATE intents SET outcome = ? WHERE id = ?", (outcome, intent))
