"""What a stranger's programs talk to: a sandbox of the release, and servers that count."""

from __future__ import annotations

import ensurepip
import json
import shutil
import ssl
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from certificates import make_certificate
from recording_server import RecordingServer


class Services(NamedTuple):
    """Addresses, the server that counts, the folder that is /data inside, and the release."""

    sandbox: dict[str, str]
    plain: RecordingServer
    tls_url: str
    data: Path
    release: Path

    @property
    def variables(self) -> list[str]:
        return [f"{name}={value}" for name, value in self.sandbox.items()]


def hand_over(release: Path, data: Path) -> None:
    """Puts what strangers install into their folder, with a pip to install it."""
    pip = next((Path(ensurepip.__path__[0]) / "_bundled").glob("pip-*.whl"))
    shipped = (file for end in ("whl", "tar.xz", "tar.gz") for file in release.glob(f"*.{end}"))
    for file in (*shipped, pip):
        shutil.copy(file, data)


@contextmanager
def sandbox(release: Path, folder: Path) -> Iterator[dict[str, str]]:
    """The program of the wheel; gives the variables for its clients."""
    (wheel,) = release.glob("trillet_sandbox-*.whl")
    with zipfile.ZipFile(wheel) as files:
        program = Path(files.extract("trillet_sandbox/trillet-sandbox", folder))
    program.chmod(0o755)
    command = [str(program), "--port", "0", "--speed", "60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            told = json.loads(process.stdout.readline())
            yield {
                "TRILLET_BASE_URL": told["url"],
                "TRILLET_API_KEY": told["apiKey"],
                "TRILLET_WORKSPACE_ID": told["workspaceId"],
            }
        finally:
            process.terminate()


@contextmanager
def running(release: Path, folder: Path) -> Iterator[Services]:
    data = folder / "data"
    data.mkdir()
    hand_over(release, data)
    certificate = make_certificate(folder)
    shutil.copy(certificate.authority, data / "authority.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    with (
        sandbox(release, folder) as variables,
        RecordingServer() as plain,
        RecordingServer(tls=context) as secure,
    ):
        yield Services(variables, plain, f"https://127.0.0.1:{secure.port}", data, release)
