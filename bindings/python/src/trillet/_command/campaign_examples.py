"""An example of each command of campaigns."""

from __future__ import annotations

EXAMPLES = {
    "create": (
        "trillet campaign create spring.db --agent 5d1c0a77e2b94f0013ab6c21 --file contacts.csv "
        "--window 'mon-sat 09:00-20:00' --time-zone America/New_York"
    ),
    "add": "trillet campaign add spring.db contacts.csv",
    "preflight": "trillet campaign preflight spring.db --call-seconds 60",
    "run": "trillet campaign run spring.db --seconds 3600",
    "status": "trillet campaign status spring.db --watch",
    "serve": "trillet campaign serve spring.db --port 8080",
    "pause": "trillet campaign pause spring.db",
    "resume": "trillet campaign resume spring.db",
    "cancel": "trillet campaign cancel spring.db",
    "unknown": "trillet campaign unknown spring.db --number +12025550164 --resolve called",
    "reconcile": "trillet campaign reconcile spring.db",
    "suppress": "trillet campaign suppress spring.db +12025550164 --reason asked",
    "audit": "trillet campaign audit spring.db",
    "export": "trillet campaign export spring.db calls.csv --attempts",
}
