"""The examples for web frameworks receive webhooks, and refuse what is none."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "whsec_of the test"
BODY = b'{"event":"call.completed","data":{"callId":"call_1"}}'
SIGNATURE = hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()


@pytest.fixture(autouse=True)
def _example(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRILLET_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "webhooks_django")
    monkeypatch.syspath_prepend(str(ROOT / "examples"))


def over_wsgi(application: Any) -> Callable[[str, bytes, str], tuple[int, bytes]]:
    def post(path: str, body: bytes, signature: str) -> tuple[int, bytes]:
        lines: list[str] = []
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": path,
            "SCRIPT_NAME": "",
            "QUERY_STRING": "",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_X_TRILLET_SIGNATURE": signature,
            "HTTP_HOST": "localhost",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
        }
        parts = application(environ, lambda line, *_rest: lines.append(line))
        return int(lines[0].split()[0]), b"".join(parts)

    return post


def over_asgi(application: Any) -> Callable[[str, bytes, str], tuple[int, bytes]]:
    def post(path: str, body: bytes, signature: str) -> tuple[int, bytes]:
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [
                (b"host", b"localhost"),
                (b"content-type", b"application/json"),
                (b"x-trillet-signature", signature.encode()),
            ],
        }
        asyncio.run(application(scope, receive, send))
        return sent[0]["status"], b"".join(part.get("body", b"") for part in sent[1:])

    return post


def check(post: Callable[[str, bytes, str], tuple[int, bytes]], path: str, example: Any) -> None:
    assert post(path, BODY, SIGNATURE) == (200, b'{"ok": true}')
    assert post(path, BODY, SIGNATURE)[0] == 200
    assert post(path, BODY + b" ", SIGNATURE)[0] == 401
    assert example.receiver.close()
    counts = example.receiver.counts
    assert (counts.handled, counts.duplicates, counts.refused) == (1, 1, 1)


def test_fastapi_receives_webhooks_and_answers_before_a_call(
    capsys: pytest.CaptureFixture[str],
) -> None:
    example = import_module("webhooks_fastapi")
    post = over_asgi(example.app)
    check(post, "/webhooks/", example)
    assert capsys.readouterr().out == "call_1 call.completed completed\n"
    status, body = post("/before-call/?phone_number=%2B12025550164", b'{"isTest":true}', "")
    assert (status, json.loads(body)) == (200, {"variables": {"firstName": "Ada"}})


def test_flask_receives_webhooks() -> None:
    example = import_module("webhooks_flask")
    check(over_wsgi(example.app), "/webhooks", example)


def test_django_receives_webhooks() -> None:
    wsgi = import_module("django.core.wsgi")
    application = wsgi.get_wsgi_application()
    check(over_wsgi(application), "/webhooks", import_module("webhooks_django"))
