"""Runs of the command ``trillet`` in homes of their own."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import subprocess
import sys
import termios
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

REASONABLE_SECONDS = 60


class Home:
    """A user who has nothing yet."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.variables = {
            **{name: value for name, value in os.environ.items() if name != "TRILLET_API_KEY"},
            "PYTHONPATH": os.pathsep.join([str(folder / "modules"), *sys.path]),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_STATE_HOME": str(folder / "state"),
            "HOME": str(folder),
            **variables,
        }

    @property
    def config(self) -> Path:
        return self.folder / "config" / "trillet" / "config.ini"

    @property
    def events(self) -> Path:
        return self.folder / "state" / "trillet" / "events.sqlite"

    def run(
        self, *arguments: object, given: str | bytes = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        text = given.encode() if isinstance(given, str) else given
        done = subprocess.run(
            command(*arguments),
            env={**self.variables, **variables},
            input=text,
            capture_output=True,
            check=False,
            timeout=REASONABLE_SECONDS,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    def start(self, *arguments: object, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command(*arguments),
            env={**self.variables, **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def install_keyring(self) -> Path:
        """The module `keyring`, as far as the command uses it; its passwords are in the file."""
        folder = self.folder / "modules"
        folder.mkdir(exist_ok=True)
        kept = self.folder / "keyring.json"
        (folder / "keyring.py").write_text(_KEYRING.format(path=str(kept)))
        return kept


_KEYRING = """
import json, os

class Keyring:
    name = "a keyring of the tests"
    path = {path!r}

    def _all(self):
        if not os.path.exists(self.path):
            return {{}}
        with open(self.path) as file:
            return json.load(file)

    def _write(self, kept):
        with open(self.path, "w") as file:
            json.dump(kept, file)

    def get_password(self, service, user):
        if os.environ.get("KEYRING_IS_LOCKED"):
            raise RuntimeError("locked: " + str(self._all()))
        return self._all().get(service + "/" + user)

    def set_password(self, service, user, password):
        self._write({{**self._all(), service + "/" + user: password}})

    def delete_password(self, service, user):
        kept = self._all()
        del kept[service + "/" + user]
        self._write(kept)

def get_keyring():
    return Keyring()
"""


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "trillet", *map(str, arguments)]


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, home: Home, *arguments: object, **variables: str) -> None:
        self._reader, writer = os.openpty()
        fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
        self.process = subprocess.Popen(
            command(*arguments),
            env={**home.variables, "TERM": "xterm", **variables},
            stdin=writer,
            stdout=writer,
            stderr=writer,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(writer)
        self.text = ""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        os.close(self._reader)

    def wait_for(self, text: str) -> None:
        """Until the terminal shows the text."""
        end = time.monotonic() + REASONABLE_SECONDS
        while text not in self.text:
            assert time.monotonic() < end, self.text
            assert self._read(1.0), f"ended without {text!r}: {self.text}"

    def type(self, text: str) -> None:
        os.write(self._reader, text.encode())

    def end(self) -> int:
        """The exit status; the rest of what it shows is in `text`."""
        end = time.monotonic() + REASONABLE_SECONDS
        while self._read(1.0):
            assert time.monotonic() < end, self.text
        return self.process.wait(REASONABLE_SECONDS)

    def _read(self, seconds: float) -> bool:
        """Whether the command may still show something."""
        if not select.select([self._reader], [], [], seconds)[0]:
            return True
        try:
            piece = os.read(self._reader, 65536)
        except OSError:
            return False
        self.text += piece.decode("utf-8", "replace")
        return bool(piece)


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def account(ready: dict[str, Any]) -> dict[str, str]:
    """The variables of a sandbox's account."""
    return {
        "TRILLET_API_KEY": ready["apiKey"],
        "TRILLET_WORKSPACE_ID": ready["workspaceId"],
        "TRILLET_BASE_URL": ready["url"],
    }
