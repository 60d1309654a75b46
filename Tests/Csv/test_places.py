"""What an output does to what is at its place: nothing but a plain file is ever replaced."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from checking import answer_to_file, answer_to_text

A, B = "+12025550164", "+442071838750"
TEXT = f"phone_number\n{A}\n5\n{B}\n".encode()
ACCEPTED = f"phone_number\n{A}\n{B}\n"
OPTIONS = ["acceptedFile", "rejectedFile", "splitFile"]
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make it")


def _path(option: str, folder: Path) -> tuple[str, Path]:
    """What is given as the option, and the file that it then is."""
    if option == "splitFile":
        return str(folder / "out-{n}"), folder / "out-1"
    return str(folder / "out"), folder / "out"


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _write(option: str, given: str) -> None:
    answer = answer_to_text(TEXT, **{option: given})
    assert answer["ok"], answer


def _error(option: str, given: str) -> str:
    answer = answer_to_text(TEXT, **{option: given})
    assert not answer["ok"]
    assert answer["error"]["field"] == option
    assert answer["error"]["type"] == "invalid_argument"
    message: str = answer["error"]["message"]
    return message


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o777])
def test_the_mode_of_an_existing_file_stays(option: str, mode: int, tmp_path: Path) -> None:
    given, file = _path(option, tmp_path)
    file.write_text("old")
    file.chmod(mode)
    _write(option, given)
    assert stat.S_IMODE(file.stat().st_mode) == mode
    assert file.read_text().startswith("phone_number")
    assert len(_names(tmp_path)) == 1


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("is_there", [True, False], ids=["to a file", "to nothing"])
@pytest.mark.parametrize("relative", [True, False], ids=["relative", "absolute"])
def test_a_symbolic_link_is_followed(
    option: str, is_there: bool, relative: bool, tmp_path: Path
) -> None:
    given, link = _path(option, tmp_path)
    folder = tmp_path / "data"
    folder.mkdir()
    target = folder / "kept"
    if is_there:
        target.write_text("old")
        target.chmod(0o600)
    (tmp_path / "second").symlink_to("data/kept" if relative else target)
    link.symlink_to("second")
    _write(option, given)
    assert link.is_symlink()
    assert os.readlink(link) == "second"
    assert target.read_text().startswith("phone_number")
    assert not target.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600 or not is_there
    assert _names(folder) == ["kept"], "nothing is left beside it"


@pytest.mark.parametrize("option", OPTIONS)
def test_links_in_a_circle_are_an_error(option: str, tmp_path: Path) -> None:
    given, link = _path(option, tmp_path)
    link.symlink_to("other")
    (tmp_path / "other").symlink_to(link.name)
    assert "symbolic links" in _error(option, given)
    assert link.is_symlink()


@pytest.mark.parametrize("option", OPTIONS)
def test_a_file_with_two_names_keeps_both(option: str, tmp_path: Path) -> None:
    given, file = _path(option, tmp_path)
    file.write_text("old" * 1000)
    other = tmp_path / "other"
    os.link(file, other)
    _write(option, given)
    assert file.samefile(other)
    assert other.read_text().startswith("phone_number")
    assert "old" not in other.read_text()
    assert len(_names(tmp_path)) == 2


def test_a_file_with_an_attribute_keeps_it(tmp_path: Path) -> None:
    file = tmp_path / "out"
    file.write_text("old")
    try:
        os.setxattr(file, "user.origin", b"crm")
    except OSError:
        pytest.skip("this file system has no attributes")
    _write("acceptedFile", str(file))
    assert file.read_text() == ACCEPTED
    assert os.getxattr(file, "user.origin") == b"crm"


def test_a_file_that_may_not_be_written_is_not_replaced(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    file = tmp_path / "out"
    file.write_text("old")
    file.chmod(0o400)
    assert "may not write" in _error("acceptedFile", str(file))
    assert file.read_text() == "old"


@AS_ROOT
@pytest.mark.parametrize("option", OPTIONS)
def test_the_file_of_another_user_is_an_error(option: str, tmp_path: Path) -> None:
    given, file = _path(option, tmp_path)
    file.write_text("old")
    os.chown(file, 65534, 65534)
    assert "belongs to another user" in _error(option, given)
    assert file.read_text() == "old"
    assert file.stat().st_uid == 65534
    assert len(_names(tmp_path)) == 1


@AS_ROOT
def test_the_group_of_an_existing_file_stays(tmp_path: Path) -> None:
    file = tmp_path / "out"
    file.write_text("old")
    os.chown(file, -1, 65534)
    _write("acceptedFile", str(file))
    assert file.stat().st_gid == 65534
    assert file.read_text() == ACCEPTED


@AS_ROOT
@pytest.mark.parametrize("option", OPTIONS)
def test_a_device_is_written_to(option: str, tmp_path: Path) -> None:
    given, device = _path(option, tmp_path)
    try:
        os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        device.write_text("x")
    except OSError:
        pytest.skip("no devices can be made here")
    _write(option, given)
    assert stat.S_ISCHR(device.stat().st_mode)
    assert device.stat().st_rdev == os.makedev(1, 3)
    assert len(_names(tmp_path)) == 1


def test_a_full_device_is_an_error() -> None:
    assert "no space left" in _error("acceptedFile", "/dev/full")


@AS_ROOT
def test_a_disk_is_refused(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    try:
        os.mknod(disk, 0o666 | stat.S_IFBLK, os.makedev(7, 200))
    except OSError:
        pytest.skip("no devices can be made here")
    assert "it is a disk" in _error("acceptedFile", str(disk))
    assert stat.S_ISBLK(disk.stat().st_mode)


@pytest.mark.parametrize("option", OPTIONS)
def test_a_fifo_without_a_reader_is_an_error_at_once(option: str, tmp_path: Path) -> None:
    given, fifo = _path(option, tmp_path)
    os.mkfifo(fifo)
    assert "nobody reads from it" in _error(option, given)
    assert stat.S_ISFIFO(fifo.stat().st_mode)


def test_a_fifo_is_written_to(tmp_path: Path) -> None:
    fifo = tmp_path / "out"
    os.mkfifo(fifo)
    descriptor = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    _write("acceptedFile", str(fifo))
    assert os.read(descriptor, 1000).decode() == ACCEPTED
    os.close(descriptor)
    assert stat.S_ISFIFO(fifo.stat().st_mode)


def test_more_than_a_fifo_holds_waits_for_its_reader(tmp_path: Path) -> None:
    fifo = tmp_path / "out"
    os.mkfifo(fifo)
    rows = b"phone_number\n" + b"".join(b"+1202555%04d\n" % row for row in range(10_000))
    got: list[bytes] = []
    descriptor = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(descriptor, True)

    def read() -> None:
        while piece := os.read(descriptor, 100_000):
            got.append(piece)

    # The end comes only when there has been a writer.
    holder = os.open(fifo, os.O_WRONLY)
    reader = threading.Thread(target=read)
    reader.start()
    answer = answer_to_text(rows, acceptedFile=str(fifo))
    os.close(holder)
    reader.join(30)
    os.close(descriptor)
    assert answer["ok"], answer
    assert b"".join(got) == rows


GONE = """
import os, select, signal, sys, threading
sys.path[:] = {path_of_tests!r}
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
from checking import answer_to_text
reader = os.open({fifo!r}, os.O_RDONLY | os.O_NONBLOCK)
def leave():
    select.select([reader], [], [], 30)  # the pipe has the first rows and no room for the last
    os.close(reader)
threading.Thread(target=leave).start()
rows = b"phone_number\\n" + b"".join(b"+1202555%04d\\n" % (row % 10000) for row in range(50_000))
print(answer_to_text(rows, acceptedFile={fifo!r})["error"]["message"])
"""


def test_a_reader_that_goes_away_does_not_end_the_program(tmp_path: Path) -> None:
    fifo = tmp_path / "out"
    os.mkfifo(fifo)
    script = GONE.format(path_of_tests=sys.path, fifo=str(fifo))
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended
    assert "its reader has gone" in ended.stdout


TO_STDOUT = """
import sys
sys.path[:] = {path_of_tests!r}
from checking import answer_to_text
print("before", flush=True)
assert answer_to_text({text!r}, acceptedFile={path!r})["ok"]
print("after", flush=True)
"""


@pytest.mark.parametrize("path", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
@pytest.mark.parametrize("kind", ["file", "pipe"])
def test_standard_output_is_written_where_it_stands(path: str, kind: str, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("/dev/stdout")
    path = str(link) if path == "link" else path
    script = TO_STDOUT.format(path_of_tests=sys.path, text=TEXT, path=path)
    output = tmp_path / "output"
    with output.open("wb") as file:
        ended = subprocess.run(
            [sys.executable, "-c", script],
            stdout=file if kind == "file" else subprocess.PIPE,
            check=True,
            timeout=60,
        )
    written = output.read_bytes() if kind == "file" else ended.stdout
    assert written.decode() == f"before\n{ACCEPTED}after\n"
    assert link.is_symlink()


def test_a_descriptor_that_is_only_read_is_an_error(tmp_path: Path) -> None:
    with (tmp_path / "in").open("wb"), (tmp_path / "in").open("rb") as file:
        message = _error("acceptedFile", f"/dev/fd/{file.fileno()}")
    assert "not open for writing" in message


@pytest.mark.parametrize("how", ["symbolic link", "hard link"])
def test_an_output_is_never_the_file_that_is_read(how: str, tmp_path: Path) -> None:
    source, link = tmp_path / "source.csv", tmp_path / "link.csv"
    source.write_bytes(TEXT)
    if how == "hard link":
        os.link(source, link)
    else:
        link.symlink_to(source.name)
    for option in ("acceptedFile", "rejectedFile"):
        answer = answer_to_file(source, **{option: str(link)})
        assert answer["error"]["field"] == option
        assert "same" in answer["error"]["message"]
    assert source.read_bytes() == TEXT


def test_a_piece_is_never_the_file_that_is_read(tmp_path: Path) -> None:
    source = tmp_path / "1.csv"
    source.write_bytes(TEXT)
    answer = answer_to_file(source, splitFile=str(tmp_path / "{n}.csv"))
    assert answer["error"]["field"] == "splitFile"
    assert source.read_bytes() == TEXT


def test_two_outputs_are_never_one_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("out")
    answer = answer_to_text(
        TEXT, acceptedFile=str(tmp_path / "out"), rejectedFile=str(tmp_path / "link")
    )
    assert answer["error"]["field"] == "rejectedFile"
    assert _names(tmp_path) == ["link"]
