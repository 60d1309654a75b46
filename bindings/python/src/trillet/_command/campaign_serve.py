"""``trillet campaign serve``: a campaign in a browser."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from .. import ConfigurationError
from .campaign_report import again
from .output import show

if TYPE_CHECKING:
    import argparse

PORT = 4020


def serve(given: argparse.Namespace) -> int:
    """Until Ctrl-C."""
    # Here: every other command starts without a server.
    from .._campaign.opening import shown
    from .._campaign_page.looker import Looker
    from .._campaign_page.server import PageServer
    from ..campaign import Campaign

    with Campaign.open(given.database, given.name) as campaign:
        name = campaign.name
    looker = Looker(given.database, name, shown(given.database))
    try:
        server = PageServer(given.port, looker)
    except (OSError, OverflowError) as error:
        raise ConfigurationError(
            f"Port {given.port} cannot be used ({error}); name another by --port, or 0 for any",
            field="port",
        ) from None
    show(given, {"name": name, "url": server.address}, f"{name}: {server.address} (Ctrl-C ends)")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        told = f"The campaign goes on. Look again: {again(given, 'serve')}"
        print(told, file=sys.stderr)
    finally:
        server.server_close()
        looker.close()
    return 0
