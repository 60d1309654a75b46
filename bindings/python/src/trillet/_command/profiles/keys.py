"""The keyring of the desktop or the system, where the package ``keyring`` is installed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ... import ConfigurationError
from ..._core.secret import SecretText

SERVICE = "trillet"
# What `keyring` has where there is nothing to keep a password in.
_NO_BACKENDS = ("keyring.backends.fail", "keyring.backends.null")


def keyring_name() -> str | None:
    """What keeps keys, as the package calls it; None if there is nothing."""
    found = _backend()
    if found is None:
        return None
    return str(getattr(found, "name", None) or type(found).__module__)


def key_in_keyring(profile: str) -> str | None:
    if (backend := _backend()) is None:
        return None
    try:
        found = backend.get_password(SERVICE, profile)
    except Exception as error:
        raise _refusal("does not give the key", error) from None
    return SecretText(found) if isinstance(found, str) else None


def keep_in_keyring(profile: str, key: str) -> None:
    backend = _backend()
    try:
        backend.set_password(SERVICE, profile, key)
        is_kept = backend.get_password(SERVICE, profile) == key
    except Exception as error:
        raise _refusal("does not keep the key", error) from None
    if not is_kept:
        raise _refusal("does not keep the key", None)


def forget_in_keyring(profile: str) -> None:
    """Also where the keyring does not have it."""
    if (backend := _backend()) is None:
        return
    try:
        if backend.get_password(SERVICE, profile) is not None:
            backend.delete_password(SERVICE, profile)
    except Exception as error:
        raise _refusal("does not forget the key", error) from None


def _backend() -> Any:
    try:
        # It is not always installed, and takes its time.
        backend = import_module("keyring").get_keyring()
    except ImportError:
        return None
    except Exception as error:
        raise _refusal("cannot be used", error) from None
    return None if type(backend).__module__.startswith(_NO_BACKENDS) else backend


def _refusal(what: str, error: Exception | None) -> ConfigurationError:
    # The error's own words could be those of the key.
    why = "" if error is None else f" ({type(error).__name__})"
    return ConfigurationError(
        f"The keyring {what}{why}: unlock it, or `trillet login --no-keyring` keeps the key in a "
        "file that only you can read",
        field="keyring",
    )
