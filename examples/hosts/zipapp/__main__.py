"""A program that is a zip file. Nothing can load a library from within one: it stays outside.

mkdir app && cp __main__.py app && pip install --target app ./bindings/python
python -m zipapp app -o calls.pyz && TRILLET_LIBRARY=./libtrillet.so.1 python calls.pyz
"""

from __future__ import annotations

import trillet

with trillet.Trillet() as client:
    print("call:", client.call("agents.list").status)
