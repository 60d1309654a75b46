"""Values that no representation shows, as in a traceback that prints local variables, and by which
names secrets are known."""

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


class SecretText(str):
    """A text whose ``repr`` hides it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'...'"


class SecretBytes(bytes):
    """The same for encoded text."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "b'...'"


def hidden(value: object) -> object:
    """The value, hidden if it is text."""
    return SecretText(value) if isinstance(value, str) else value
