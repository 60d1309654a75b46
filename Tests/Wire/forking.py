"""A host that forks while its client works: `forking.py URL CA-FILE`."""

from __future__ import annotations

import os
import sys
from typing import Any

from doors import Client

CHILDREN = 6
CALLS = 10


def work(client: Client, name: str) -> bool:
    numbers = [
        client.submit("agents.get", {"agentId": f"{name}-{index}"}) for index in range(CALLS)
    ]
    blocking = client.call("agents.get", {"agentId": f"{name}-blocking"})
    return bool(blocking["ok"]) and all(client.fetched(number).answer["ok"] for number in numbers)


def be_child(parent: Client, number: int, url: str, options: dict[str, Any]) -> bool:
    refused = parent.call("agents.get", {"agentId": "child-by-parent"})
    if refused["error"]["type"] != "forked":
        return False
    with Client(url, **options) as client:
        return work(client, f"child-{number}")


def main() -> int:
    url, ca_file = sys.argv[1:]
    options = {"caFile": ca_file} if ca_file else {}
    with Client(url, **options) as client:
        good = work(client, "before")
        for number in range(CHILDREN):
            waiting = client.submit("agents.get", {"agentId": f"during-{number}"})
            child = os.fork()
            if child == 0:
                os._exit(0 if be_child(client, number, url, options) else 3)
            good = work(client, f"beside-{number}") and good
            _, status = os.waitpid(child, 0)
            if status != 0:
                print(f"child {number} ended with {status}", file=sys.stderr)
                good = False
            good = bool(client.fetched(waiting).answer["ok"]) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
