"""Where webhooks are received, and what proves them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ... import ConfigurationError
from ..._core.secret import SecretText
from ..adding import refuse_secrets

if TYPE_CHECKING:
    import argparse

PORT = 4030
SECRET = "TRILLET_WEBHOOK_SECRET"
# Of every sandbox that was started without another; no secret.
SANDBOX_SECRET = "whsec_sandbox"
_LONGEST = 2048


def add_secret_option(parser: argparse.ArgumentParser) -> None:
    refuse_secrets(parser, f"set {SECRET}, or name a file by --secret-file", "--secret")
    parser.add_argument(
        "--secret-file",
        metavar="FILE",
        help=f"read the secret of webhooks from here instead of {SECRET}",
    )


def secret_of(given: argparse.Namespace) -> str | None:
    """The secret of ``--secret-file`` or the environment; it is never an argument."""
    if given.secret_file is None:
        found = os.environ.get(SECRET) or None
        return None if found is None else SecretText(found)
    try:
        text = Path(given.secret_file).read_bytes()[: _LONGEST + 1].decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigurationError(
            f"The secret cannot be read from {given.secret_file}: {why}", field="--secret-file"
        ) from None
    if not text or len(text) > _LONGEST or not text.isprintable():
        raise ConfigurationError(
            f"{given.secret_file} has no secret: one line such as whsec_…", field="--secret-file"
        )
    return SecretText(text)


def needed_secret(given: argparse.Namespace) -> str:
    found = secret_of(given)
    if found is not None:
        return found
    raise ConfigurationError(
        f"There is no secret that signs webhooks: set {SECRET} to that of the dashboard (of a "
        f"sandbox: {SANDBOX_SECRET}), or name a file by --secret-file",
        field="secret",
    )
