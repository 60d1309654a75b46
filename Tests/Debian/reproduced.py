"""Builds the Debian packages once more in a folder of another name, and compares them.

python Tests/Debian/reproduced.py build/deb/libtrillet-VERSION build/release
"""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SECONDS = 600


def main() -> int:
    source, built = (Path(argument).resolve() for argument in sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix="another-") as folder:
        copy = Path(folder) / "a-folder-of-another-name"
        shutil.copytree(source, copy, symlinks=True)
        environment = {**os.environ, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TZ": "Asia/Tokyo"}
        for name in ("MAKEFLAGS", "MAKEOVERRIDES", "MAKELEVEL"):
            environment.pop(name, None)
        build = ["dpkg-buildpackage", "-b", "-us", "-uc"]
        for command in (["debian/rules", "clean"], build):
            subprocess.run(
                command,
                cwd=copy,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=SECONDS,
                check=True,
            )
        packages = sorted(path.name for path in Path(folder).glob("*.deb"))
        differing = [
            name
            for name in packages
            if not (built / name).is_file()
            or not filecmp.cmp(built / name, Path(folder) / name, shallow=False)
        ]
    for name in packages:
        print(f"{'DIFFERS' if name in differing else 'same'}: {name}")
    return 1 if differing or not packages else 0


if __name__ == "__main__":
    sys.exit(main())
