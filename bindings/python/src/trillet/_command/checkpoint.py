"""Where a log stands, in a file: a later run tells what was missed, and nothing again."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path

from .. import ConfigurationError
from .call_log import CallLog


def read_checkpoint(path: str) -> CallLog | None:
    """The log of the file; None where there is no such file yet."""
    try:
        text = Path(path).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, error.strerror or "it cannot be read") from None
    try:
        return CallLog.of_json(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _unusable(path, f"it is no checkpoint ({error})") from None


def write_checkpoint(path: str, log: CallLog) -> None:
    # In a place of its own first: a file of that name is always whole.
    temporary = f"{path}.{secrets.token_hex(4)}"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(log.as_json(), file)
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(temporary)
        raise _unusable(path, error.strerror or "it cannot be written") from None


def _unusable(path: str, why: str) -> ConfigurationError:
    return ConfigurationError(f"--checkpoint {path}: {why}", field="--checkpoint")
