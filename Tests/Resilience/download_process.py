"""A process that downloads a recording, to be killed: URL, file."""

from __future__ import annotations

import sys

from doors import Client
from recording_service import CHOICE


def main() -> None:
    with Client(sys.argv[1], maxRetries=0) as client:
        print(client.call("calls.recording", {**CHOICE, "file": sys.argv[2]}), flush=True)


if __name__ == "__main__":
    main()
