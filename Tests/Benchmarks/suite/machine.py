"""The machine that is measured on: its cores, its load, and what is installed."""

from __future__ import annotations

import os
import pathlib
import platform
import re
import resource
import shutil
import subprocess


def pinned(core: int) -> list[str]:
    """What to put before a command: servers have the last core, clients the first."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2 or not shutil.which("taskset"):
        return []
    return ["taskset", "-c", str(cores[core])]


def processor_seconds(process: int) -> float:
    """CPU time of a process and its children so far."""
    total = _on_core(process)
    for child in _text(f"/proc/{process}/task/{process}/children").split():
        total += _on_core(int(child))
    return total


def busy_seconds() -> float:
    """CPU time of all programs so far: user, nice, system, interrupts."""
    fields = [int(field) for field in _text("/proc/stat").splitlines()[0].split()[1:9]]
    idle, waiting = fields[3], fields[4]
    return (sum(fields) - idle - waiting) / os.sysconf("SC_CLK_TCK")


def own_seconds() -> float:
    """CPU time of this process, and of all that it has started and that have ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def description() -> str:
    """One line for the report."""
    virtual = ", virtual machine" if re.search(r"\bhypervisor\b", _text("/proc/cpuinfo")) else ""
    system = re.search(r'^PRETTY_NAME="?(.*?)"?$', _text("/etc/os-release"), re.MULTILINE)
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{_processor()} ({cores} cores{virtual}),"
        f" {memory:.0f} GB, {system.group(1) if system else 'Linux'}, Linux {platform.release()}"
    )


def _processor() -> str:
    """Its name; with its numbers, as virtual machines give many processors the same name."""
    known = dict(re.findall(r"^([a-z ]+?)\s*: (.*)$", _text("/proc/cpuinfo"), re.MULTILINE))
    name = known.get("model name", platform.machine())
    numbers = [
        f"{number} {known[field]}"
        for number, field in (("family", "cpu family"), ("model", "model"))
        if field in known
    ]
    return ", ".join([name, *numbers])


def versions() -> str:
    """The programs and libraries that every figure rests on."""
    compiler = _output("cc", "-dumpfullversion")
    return (
        f"libcurl {_output('pkg-config', '--modversion', 'libcurl')},"
        f" {_nginx_version()}, gcc {compiler}, glibc {platform.libc_ver()[1]},"
        f" Python {platform.python_version()}"
    )


def _nginx_version() -> str:
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    return (
        subprocess.run([program, "-v"], check=True, capture_output=True, text=True)
        .stderr.rpartition(" ")[2]
        .strip()
        .replace("/", " ")
    )


def _on_core(process: int) -> float:
    return int(_text(f"/proc/{process}/schedstat").split()[0]) / 1e9


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _text(path: str) -> str:
    return pathlib.Path(path).read_text()
