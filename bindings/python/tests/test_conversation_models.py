"""``trillet test --model-url``: the same conversations with a language model, here a false one."""

from __future__ import annotations

import http.server
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from conversation_projects import project, trillet_test

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONVERSATIONS = """\
variables: {first_name: Ada}
conversations:
  - name: hours
    turns:
      - expect: Hi Ada, this is Front Desk.
      - caller: When are you open?
        expect: You said When are you open?
    ends_with: caller
  - name: person
    turns: [{caller: A person, expect: One moment}]
    ends_with: transfer
    transferred_to: "+12025550199"
  - name: goodbye
    turns: [{caller: Goodbye}]
    ends_with: agent
  - name: silence
    turns: [{silence: 30}]
    ends_with: silence
  - name: voicemail
    answers: voicemail
"""


class Model:
    """An endpoint that repeats what it hears, transfers to a person, and ends with a goodbye."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.status = 200
        model = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                request = json.loads(self.rfile.read(size))
                model.requests.append((dict(self.headers), {"path": self.path, **request}))
                body = json.dumps(model.answer(request["messages"][-1]["content"])).encode()
                self.send_response(model.status)
                self.send_header("Location", "http://127.0.0.1:9/")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, heard: str) -> dict[str, Any]:
        if self.status != 200:
            return {"error": "no such model-secret"}
        message: dict[str, Any] = {"content": f"You said {heard}"}
        if heard == "A person":
            arguments = json.dumps({"to": "+12025550199"})
            call = {"function": {"name": "transfer_call", "arguments": arguments}}
            message = {"content": "One moment.", "tool_calls": [call]}
        if heard == "Goodbye":
            message = {
                "content": None,
                "tool_calls": [{"function": {"name": "end_call", "arguments": "{}"}}],
            }
        return {"choices": [{"message": message}]}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def model() -> Iterator[Model]:
    model = Model()
    yield model
    model.close()


def test_a_model_answers_by_the_real_prompt_and_no_call_is_placed(
    tmp_path: Path, model: Model
) -> None:
    project(tmp_path, CONVERSATIONS)
    done = trillet_test(
        tmp_path,
        *("agents", "--model-url", model.url, "--json"),
        TRILLET_SANDBOX="/nowhere",
        TRILLET_MODEL_KEY="model-secret",
    )
    told = json.loads(done.stdout)
    assert done.returncode == 0, told
    assert told["counts"] == {"passed": 4, "failed": 0, "error": 0, "skipped": 1, "not run": 0}
    headers, request = model.requests[0]
    assert headers["Authorization"] == "Bearer model-secret"
    assert request["path"] == "/v1/chat/completions"
    assert request["model"] == "gpt-4o-mini"
    assert 'say "Nine to five, Ada."' in request["messages"][0]["content"]
    assert "model-secret" not in done.stdout + done.stderr


def test_another_model_may_be_named_and_a_difference_is_a_failure(
    tmp_path: Path, model: Model
) -> None:
    project(tmp_path, "turns: [{caller: Bananas, expect: apples}]\nmax_duration: 3\n")
    done = trillet_test(tmp_path, "agents", "--model-url", model.url, "--model", "other")
    assert done.returncode == 1
    assert "found “You said Bananas”" in done.stdout
    assert "expected it to take at most 3 s" in done.stdout
    assert model.requests[0][1]["model"] == "other"


@pytest.mark.parametrize("status", [302, 500])
def test_a_model_that_refuses_is_an_error_without_the_key(
    tmp_path: Path, model: Model, status: int
) -> None:
    model.status = status
    project(tmp_path, "turns: [{caller: Bananas}]\n")
    done = trillet_test(
        tmp_path, "agents", "--model-url", model.url, TRILLET_MODEL_KEY="model-secret"
    )
    assert done.returncode == 1
    assert f"answered {status}: " in done.stdout
    assert "no such ***" in done.stdout
    assert len(model.requests) == 1


def test_a_model_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    project(tmp_path, "turns: [{caller: Bananas}]\n")
    done = trillet_test(tmp_path, "agents", "--model-url", "http://127.0.0.1:9/v1")
    assert done.returncode == 1
    assert "127.0.0.1:9 did not answer" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--model-url", "ftp://a"), "is no http or https address"),
        (("--model-url", "http://models.example/v1"), "use https"),
        (("--model", "a"), "--model needs --model-url"),
        (("--model-url", "http://a", "--base-url", "http://b"), "exclude one another"),
    ],
)
def test_options_that_cannot_be_are_refused(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    project(tmp_path, "turns: [{caller: Bananas}]\n")
    done = trillet_test(tmp_path, "agents", *arguments, TRILLET_MODEL_KEY="model-secret")
    assert done.returncode == 2
    assert message in done.stderr
    assert "model-secret" not in done.stderr
