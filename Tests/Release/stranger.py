"""What a stranger's program does with the installed package, in a Debian of any age: one step.

python stranger.py kind|call|sandbox, posts URL [CA-FILE], refused URL
"""

from __future__ import annotations

import sys

import trillet
from trillet.testing import Sandbox

POSTS = 20
AGENT = "0123456789abcdef01234567"
NUMBER = "+12025550164"


def kind() -> None:
    print(trillet.library_info()["kind"])


def place_call(client: trillet.Trillet) -> str:
    agent = client.agents.create(
        name="Desk", tts_model={"provider": "rime", "voiceId": "v"}, llm_model="gpt-4o-mini"
    )
    client.flows.create(
        name="Renewal",
        direction="outbound",
        prompt_type="simple",
        prompt="Greet.",
        agent=agent["_id"],
        is_active=True,
    )
    return str(client.calls.send(agent["_id"], NUMBER)["toNumber"])


def call() -> None:
    with trillet.Trillet() as client:
        print("calling", place_call(client))


def sandbox() -> None:
    with Sandbox() as service, service.client() as client:
        place_call(client)
        print(service.ledger().totals("calls.send").effects, "effect")


def posts(url: str, authority: str | None = None) -> None:
    with trillet.Trillet(
        "sandbox-key", "sandbox-workspace", base_url=url, ca_file=authority
    ) as client:
        for _ in range(POSTS):
            client.calls.send(AGENT, NUMBER)
    print(POSTS, "answered")


def refused(url: str) -> None:
    try:
        posts(url)
    except trillet.TrilletError as error:
        print("refused:", error)


STEPS = {step.__name__: step for step in (kind, call, sandbox, posts, refused)}

if __name__ == "__main__":
    STEPS[sys.argv[1]](*sys.argv[2:])
