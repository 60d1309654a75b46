"""The recording server over TLS, for faults that happen below HTTP/1.1."""

from __future__ import annotations

import os
import socket
import struct
import time
from dataclasses import dataclass

from recording_server import RecordingServer

# By then the request has been written behind the handshake, even on a busy machine.
_REQUEST_IS_WRITTEN = 0.2


@dataclass(repr=False)
class SecureServer(RecordingServer):
    """A `RecordingServer` with `tls`, whose connections can be reset unread."""

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def _serve(self, channel: socket.socket, number: int) -> None:
        if not self.resets_connections:
            super()._serve(channel, number)
            return
        assert self.tls is not None
        try:
            reset_unread(self.tls.wrap_socket(channel, server_side=True))
        except OSError:
            return


def reset_unread(channel: socket.socket) -> None:
    """Resets a connection when something is there to be read, and reads nothing of it."""
    # A TLS socket cannot peek; the plain one below it can.
    with socket.socket(fileno=os.dup(channel.fileno())) as below, channel:
        below.settimeout(10)
        below.recv(1, socket.MSG_PEEK)
        time.sleep(_REQUEST_IS_WRITTEN)
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
