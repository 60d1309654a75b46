"""A certificate authority and a certificate of this machine, made for one run."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NamedTuple

_NAMES = "IP:127.0.0.1,DNS:localhost,DNS:service.test"
_NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


class Certificate(NamedTuple):
    """Files in PEM form."""

    authority: Path
    chain: Path
    key: Path


def make_certificate(folder: Path) -> Certificate:
    """Makes an authority, and a certificate for 127.0.0.1, localhost and service.test."""
    authority, authority_key = folder / "authority.pem", folder / "authority-key.pem"
    chain, key, request = folder / "chain.pem", folder / "key.pem", folder / "request.pem"
    extensions = folder / "extensions.cnf"
    extensions.write_text(f"subjectAltName={_NAMES}\n")
    _openssl("req", "-x509", *_NEW_KEY, "-days", "2", "-subj", "/CN=Test authority",
             "-keyout", authority_key, "-out", authority)  # fmt: skip
    _openssl("req", "-new", *_NEW_KEY, "-subj", "/CN=loopback", "-keyout", key, "-out", request)
    _openssl("x509", "-req", "-in", request, "-CA", authority, "-CAkey", authority_key,
             "-set_serial", "2", "-days", "2", "-extfile", extensions, "-out", chain)  # fmt: skip
    return Certificate(authority, chain, key)


def _openssl(*arguments: object) -> None:
    command = ["openssl", *(str(argument) for argument in arguments)]
    made = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert made.returncode == 0, f"{' '.join(command)}: {made.stderr}"
