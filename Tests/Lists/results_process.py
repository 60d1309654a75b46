"""A process that writes the results of a batch, to be killed: URL, request as JSON."""

from __future__ import annotations

import json
import sys

from list_doors import ListClient


def main() -> None:
    with ListClient(sys.argv[1], maxRetries=0) as client:
        print("begins", flush=True)
        print(json.dumps(client.results(json.loads(sys.argv[2]))), flush=True)


if __name__ == "__main__":
    main()
