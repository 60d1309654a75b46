"""Starts trillet-sandbox and talks raw HTTP to it, with nothing but the standard library."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sandbox_program import binary, started

KEY = "sandbox-key"
WORKSPACE = "sandbox-workspace"
OTHER_KEY = "other-key"
OTHER_WORKSPACE = "other-workspace"
UNKNOWN_ID = "000000000000000000000000"

Result = TypeVar("Result")


@dataclass(frozen=True)
class Answer:
    """An HTTP answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Sandbox:
    """One running server."""

    def __init__(self, *arguments: str) -> None:
        self._process, self.ready = started(
            [str(binary()), "--port", "0", "--log-level", "error", *arguments]
        )
        self.port: int = self.ready["port"]

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> Answer:
        """Sends one request; a header of None is left out."""
        sent: dict[str, str | None] = {"x-api-key": KEY, "x-workspace-id": WORKSPACE}
        sent.update(headers or {})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(
                method,
                path,
                body=body,
                headers={name: value for name, value in sent.items() if value is not None},
            )
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, response.read())
        finally:
            connection.close()

    def get(self, path: str) -> Answer:
        return self.request("GET", path)

    def delete(self, path: str) -> Answer:
        return self.request("DELETE", path)

    def send_json(
        self,
        method: str,
        path: str,
        body: object,
        headers: Mapping[str, str | None] | None = None,
    ) -> Answer:
        return self.request(
            method,
            path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json", **(headers or {})},
        )

    def post(self, path: str, body: object) -> Answer:
        return self.send_json("POST", path, body)

    def upload(self, path: str, csv: str | bytes | None, **fields: str) -> Answer:
        """Posts a form with `csv` as its file and the other fields as text."""
        form, content_type = multipart(csv, fields)
        return self.request("POST", path, form, {"Content-Type": content_type})

    def steer(self, **change: object) -> Any:
        """Changes the clock, by `speed`, `paused`, `advanceMs` or `jumpTo`.

        Everything up to the new time has happened when this returns.
        """
        answer = self.post("/sandbox/clock", change)
        assert answer.status == 200, answer.body
        return answer.json

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends the server and returns its exit code."""
        if self._process.poll() is None:
            self._process.send_signal(number)
        try:
            self._process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            raise
        return self._process.returncode

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def peak_memory(self) -> int:
        """The most memory the server has had so far, in bytes."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024

    def kill(self) -> None:
        """Ends the server at once, as a crash would."""
        self._process.kill()
        self._process.communicate()

    def logged(self) -> str:
        """Stops the server and returns what it logged."""
        self._process.send_signal(signal.SIGTERM)
        _, errors = self._process.communicate(timeout=10)
        return errors.decode()


def multipart(csv: str | bytes | None, fields: Mapping[str, str]) -> tuple[bytes, str]:
    """A multipart/form-data body and its content type."""
    boundary = "sandbox-test-boundary"
    pieces: list[bytes] = []
    if csv is not None:
        content = csv.encode() if isinstance(csv, str) else csv
        pieces.append(
            b'Content-Disposition: form-data; name="file"; filename="contacts.csv"\r\n'
            b"Content-Type: text/csv\r\n\r\n" + content
        )
    for name, value in fields.items():
        pieces.append(
            f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode(),
        )
    delimiter = f"--{boundary}\r\n".encode()
    body = b"".join(delimiter + piece + b"\r\n" for piece in pieces)
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def until(look: Callable[[], Result], holds: Callable[[Result], bool]) -> Result:
    """Looks again and again until it holds what is waited for, for 15 seconds at most."""
    deadline = time.monotonic() + 15
    while True:
        result = look()
        if holds(result):
            return result
        assert time.monotonic() < deadline, f"still {result!r}"
        time.sleep(0.02)


def agent_fields(**changes: object) -> dict[str, object]:
    """A complete request for a new agent."""
    fields: dict[str, object] = {
        "name": "Front Desk",
        "ttsModel": {"provider": "rime", "voiceId": "mistv2_Brook"},
        "llmModel": "gpt-4o-mini",
    }
    fields.update(changes)
    return fields


def flow_fields(**changes: object) -> dict[str, object]:
    """A complete request for a new flow."""
    fields: dict[str, object] = {
        "name": "Renewal reminder",
        "direction": "outbound",
        "promptType": "simple",
        "prompt": "Greet {first_name} and confirm the renewal date.",
        "welcomeMessage": "ai_dynamic",
    }
    fields.update(changes)
    return fields


def new_agent(sandbox: Sandbox, **changes: object) -> dict[str, Any]:
    answer = sandbox.post("/api/v1/agents", agent_fields(**changes))
    assert answer.status == 200, answer.body
    agent: dict[str, Any] = answer.json
    return agent


def ready_agent(sandbox: Sandbox, flow: Mapping[str, object] | None = None) -> str:
    """The id of an agent with a number and an active flow."""
    agent: str = new_agent(sandbox)["_id"]
    answer = sandbox.post("/api/v1/flows", flow_fields(agent=agent, **(flow or {})))
    assert answer.status == 200, answer.body
    return agent


def contacts(count: int) -> str:
    """A CSV file with `count` good rows."""
    rows = [f"+1202555{index:04},Person {index}\n" for index in range(count)]
    return "phone_number,first_name\n" + "".join(rows)


def start_batch(sandbox: Sandbox, agent: str, count: int, **fields: str) -> str:
    answer = sandbox.upload("/v1/api/batch-calls", contacts(count), agentId=agent, **fields)
    assert answer.status == 200, answer.body
    batch: str = answer.json["batchId"]
    return batch
