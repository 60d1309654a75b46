"""The sandbox of the wheel has a libcurl of its own, which must find this system's certificates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from certificates import make_certificate
from conftest import Environment

# A receiver with TLS, and a call whose events go there; it prints the deliveries.
PROGRAM = """
import http.server, json, ssl, sys, threading, time
from trillet.testing import Sandbox

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *arguments):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()

with Sandbox() as sandbox, sandbox.client() as client:
    agent = client.agents.create(
        name="Desk", tts_model={"provider": "rime", "voiceId": "v"}, llm_model="gpt-4o-mini"
    )["_id"]
    client.flows.create(
        name="R", direction="outbound", prompt_type="simple", agent=agent, prompt="Greet.",
        is_active=True,
    )
    url = f"https://127.0.0.1:{server.server_address[1]}/hook"
    fields = {"call_agent_id": agent, "to": "+12025550164", "callback_url": url}
    client.call("POST /v1/api/call", fields)
    end = time.monotonic() + 60
    deliveries = []
    while not any(each["attempts"] for each in deliveries) and time.monotonic() < end:
        time.sleep(0.1)
        deliveries = sandbox.control("GET", "/sandbox/deliveries")["entries"]
    print(json.dumps(deliveries))
"""


def delivered(installed: Environment, folder: Path, **variables: str) -> Any:
    certificate = make_certificate(folder)
    if variables:
        variables = {name: str(certificate.authority) for name in variables}
    done = installed.run(
        *("python", "-c", PROGRAM, certificate.chain, certificate.key), variables=variables
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)[0]


def test_a_receiver_that_the_environment_trusts_is_told_over_tls(
    installed: Environment, tmp_path: Path
) -> None:
    told = delivered(installed, tmp_path, SSL_CERT_FILE="")
    assert told["status"] == "delivered", told


def test_a_receiver_that_nobody_trusts_is_told_nothing(
    installed: Environment, tmp_path: Path
) -> None:
    told = delivered(installed, tmp_path)
    assert told["status"] != "delivered", told
    assert "certificate" in json.dumps(told), told
