"""What the Python programs in the documents take for given, for `typed_snippets.py`."""

from __future__ import annotations

import asyncio as asyncio
import concurrent.futures
import csv as csv
import queue as queues
import signal as signal
import time as time
from collections.abc import Callable
from collections.abc import Iterable as Iterable
from typing import Any

import trillet as trillet
from trillet.testing import Sandbox
from trillet.webhooks import Receiver as Receiver

concurrent = concurrent

client: trillet.Trillet
async_client: trillet.AsyncTrillet
sandbox: Sandbox
agent: trillet.types.Agent
agent_id: str
batch_id: str
call_id: str
number: str
your_receiver: str
PROMPT: str
requests: list[dict[str, object]]
file: Iterable[str]
queue: queues.Queue[str]
save: Callable[[trillet.Result], None]
ask_a_person: Callable[[str], None]
check_for_interrupts: Callable[[], None]
handle: Callable[..., None]
record_of: Callable[[str], Any]
open_client: Callable[[], None]
close_client: Callable[[], None]

# Of other programs, whose types are not at hand.
calls: Any
clients: Any
descriptor: Any
environ: Any
gevent: Any
library: Any
loop: Any
plpy: Any
start_response: Any
uwsgi: Any
