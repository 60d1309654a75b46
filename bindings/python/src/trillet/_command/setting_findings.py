"""What ``trillet doctor`` finds about the settings, and whether webhooks can be received."""

from __future__ import annotations

import os
import socket
import stat
from typing import TYPE_CHECKING

from .. import ConfigurationError
from .clients import settings_of_command
from .events.names import PORT, SECRET
from .findings import OK, PROBLEM, SKIPPED, Finding
from .places import NoHomeError
from .profiles.keys import keyring_name
from .profiles.profile_file import path_of_profiles, read_profiles
from .profiles.settings import shown_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .profiles.settings import Settings

_ADVICE = {
    "apiKey": "Log in again, or set TRILLET_API_KEY.",
    "baseUrl": "The key of one service is never sent to another.",
    "profile": "trillet profiles list shows which there are.",
}


def settled() -> tuple[Settings | None, list[Finding]]:
    """The settings of this run, None where they are wrong, and what there is to say of them."""
    settings = None
    try:
        settings = settings_of_command()
        used = settings.profile
        told = f"{used.value} ({used.source})" if used.value else "none is used"
        profile = Finding("profile", OK, told)
    except ConfigurationError as error:
        advice = _ADVICE.get(error.field or "", "")
        name = "key" if error.field == "apiKey" else "profile"
        profile = Finding(name, PROBLEM, error.message, advice)
    findings = [profile, *_file_and_keyring()]
    if settings is not None:
        source = settings.base_url.source or "the default"
        findings.append(Finding("base URL", OK, f"{shown_url(settings.url)} ({source})"))
        if settings.workspace.value is not None:
            told = f"{settings.workspace.value} ({settings.workspace.source})"
            findings.append(Finding("workspace", OK, told))
    return settings, findings


def _file_and_keyring() -> Iterator[Finding]:
    try:
        path = path_of_profiles()
    except NoHomeError as error:
        yield Finding("profiles", SKIPPED, error.message)
        return
    try:
        found = os.stat(path)
        count = len(read_profiles().names())
    except FileNotFoundError:
        yield Finding("profiles", OK, f"none: {path} is not there")
    except OSError as error:
        yield Finding("profiles", PROBLEM, f"{path}: {error.strerror}", "Set HOME.")
    except ConfigurationError as error:
        yield Finding("profiles", PROBLEM, error.message)
    else:
        yield Finding("profiles", OK, f"{count} in {path}, mode {stat.S_IMODE(found.st_mode):04o}")
    try:
        name = keyring_name()
    except ConfigurationError as error:
        yield Finding("keyring", PROBLEM, error.message)
    else:
        without = "none: keys are kept in the file (pip install 'trillet[keyring]')"
        yield Finding("keyring", OK, name or without)


def webhook_finding() -> Finding:
    """Whether ``trillet listen`` could receive webhooks."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError as error:
            advice = "A listener may run there; trillet listen --port 0 takes any other."
            found = f"port {PORT} of this machine: {error.strerror}"
            return Finding("webhooks", SKIPPED, found, advice)
    if not os.environ.get(SECRET):
        found = f"{SECRET} is not set; trillet listen needs it, or --secret-file"
        return Finding("webhooks", SKIPPED, found)
    return Finding("webhooks", OK, f"port {PORT} of this machine is free, {SECRET} is set")
