"""By which names secrets are known."""

from __future__ import annotations

import re

from .._model.secret_names import SECRET_NAMES

# A header or variable that somebody named himself: openAiApiKey, x-crm-token.
_ENDINGS = ("apikey", "token", "secret", "password", "credentials")


def is_secret(name: str) -> bool:
    """Whether a field, a header or a variable of this name holds a secret, however it is written:
    apiKey, API_KEY, x-api-key."""
    bare = _bare(name)
    return bare in _BARE_NAMES or bare.endswith(_ENDINGS)


def _bare(name: str) -> str:
    return re.sub(r"[-_.]", "", name.lower())


_BARE_NAMES = frozenset(map(_bare, SECRET_NAMES))
