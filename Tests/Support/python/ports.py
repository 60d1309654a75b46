"""A port for a server that cannot choose one by itself."""

from __future__ import annotations

import random
import socket

# Below those that the kernel gives to whoever asks for any: another suite that runs beside this one
# would be given the port between this look and the server's start.
_CHOICES = range(20_000, 32_000)


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    chance = random.SystemRandom()
    while True:
        port = chance.choice(_CHOICES)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
