"""The same with workers of gevent: gunicorn -k gevent calls_gevent"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import calls
import gevent


def application(environ: dict[str, str], start_response: Callable[..., object]) -> Iterable[bytes]:
    """On a thread of the pool: a call on the hub's own would keep every other request waiting."""
    pool = gevent.get_hub().threadpool
    answer: Iterable[bytes] = pool.apply(calls.application, (environ, start_response))
    return answer
