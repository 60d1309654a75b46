"""Workers of one process or of threads. The client's 20 s must end before gunicorn's 30."""

from __future__ import annotations

import calls

preload_app = True
timeout = 30


def post_fork(server: object, worker: object) -> None:
    calls.open_client()


def worker_exit(server: object, worker: object) -> None:
    calls.close_client()
