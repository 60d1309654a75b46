"""The same in Apache's daemon processes, which load this file after the fork; see apache.conf."""

import atexit

from calls import application, close_client, open_client

__all__ = ["application"]

open_client()
atexit.register(close_client)
