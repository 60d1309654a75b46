"""Which account calls: a hash, so that the key is in no database."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from .._model.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

VARIABLES = ("TRILLET_API_KEY", "TRILLET_WORKSPACE_ID", "TRILLET_BASE_URL")


def account_of_environment() -> str:
    """The same for all workers whose environment has the same key, workspace and service."""
    values = [os.environ.get(name, "") for name in VARIABLES]
    if not values[0]:
        raise ConfigurationError(
            "A campaign belongs to an account, of which the environment says nothing: set"
            " TRILLET_API_KEY, or name it by account=, the same for every campaign of the account",
            field="account",
        )
    return account_of(values)


def account_of(values: Iterable[str]) -> str:
    """The same of a key, a workspace and a service's address; each may be empty but the key."""
    digest = hashlib.sha256()
    for value in values:
        digest.update(len(value).to_bytes(4, "big") + value.encode())
    return digest.hexdigest()[:32]
