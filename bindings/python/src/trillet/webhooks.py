"""What the service reports of its own accord: check it, read it, receive it.

>>> from trillet.webhooks import Receiver
>>> application = Receiver(print, "whsec_…")  # ASGI; application.wsgi is WSGI
"""

from __future__ import annotations

from ._model.errors import SignatureError
from ._webhooks.event import Event, verify
from ._webhooks.memory import MemoryStore, Store
from ._webhooks.pre_call import PreCall, PreCallRequest
from ._webhooks.receiver import Counts, Receiver
from ._webhooks.reply import Reply

__all__ = [
    "Counts",
    "Event",
    "MemoryStore",
    "PreCall",
    "PreCallRequest",
    "Receiver",
    "Reply",
    "SignatureError",
    "Store",
    "verify",
]
