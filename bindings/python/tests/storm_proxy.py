"""Between workers and PostgreSQL: loses the acknowledgement of commits that were made."""

from __future__ import annotations

import contextlib
import selectors
import socket
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

# The server's message CommandComplete, as PostgreSQL's protocol has it.
COMMITTED = b"C\x00\x00\x00\x0bCOMMIT\x00"
READ = 1 << 16


class CommitCutter:
    """Passes on what both sides say, and now and then ends a connection instead of saying that a
    commit was made."""

    def __init__(self, server: Path, probability: float, chance: random.Random) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="trillet-proxy-"))
        self.folder.chmod(0o755)
        self.cut = 0
        self.probability = probability
        self._chance = chance
        self._server = str(server / ".s.PGSQL.5432")
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(self.folder / ".s.PGSQL.5432"))
        self._listening.listen(64)
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        with client, server, contextlib.suppress(OSError):
            server.connect(self._server)
            with selectors.DefaultSelector() as selector:
                selector.register(client, selectors.EVENT_READ, server)
                selector.register(server, selectors.EVENT_READ, client)
                while all(self._pass(key) for key, _ in selector.select()):
                    pass

    def _pass(self, key: selectors.SelectorKey) -> bool:
        source, target = key.fileobj, key.data
        assert isinstance(source, socket.socket)
        piece = source.recv(READ)
        if not piece:
            return False
        # psycopg sends nothing further before it has this answer, so it is in one piece.
        if COMMITTED in piece and self._is_cut():
            return False
        target.sendall(piece)
        return True

    def _is_cut(self) -> bool:
        with self._lock:
            is_cut = self._chance.random() < self.probability
            self.cut += is_cut
        return is_cut
