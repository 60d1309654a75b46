"""A program of one file, with Python and the library inside.

pyinstaller --onefile --add-binary /usr/local/lib/libtrillet.so.1:trillet calls.py
"""

from __future__ import annotations

import trillet

if __name__ == "__main__":
    with trillet.Trillet() as client:
        print("call:", client.call("agents.list").status)
