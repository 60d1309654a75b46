"""Pages that show the files of examples/: those that the tests run, and no copies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from site_markdown import fenced

_LANGUAGES = {
    ".c": "c", ".h": "c", ".cpp": "cpp", ".py": "python", ".js": "javascript", ".go": "go",
    ".java": "java", ".lua": "lua", ".pl": "perl", ".php": "php", ".R": "r", ".rb": "ruby",
    ".rs": "rust", ".tcl": "tcl", ".swift": "swift", ".sql": "sql", ".conf": "apache",
}  # fmt: skip


@dataclass(frozen=True)
class Example:
    title: str
    page: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class Chapter:
    title: str
    examples: tuple[Example, ...]


def _host(title: str, *files: str) -> Example:
    folder = files[0].split("/")[0]
    return Example(title, f"examples/{folder}.md", tuple(f"examples/hosts/{f}" for f in files))


CHAPTERS = (
    Chapter(
        "Programs",
        (
            Example(
                "A call in C",
                "examples/send-call.md",
                ("examples/send_call.c", "examples/json_text.h"),
            ),
            Example(
                "C without blocking",
                "examples/without-blocking.md",
                ("examples/without_blocking.c",),
            ),
            Example("A batch in C++", "examples/batch.md", ("examples/batch.cpp",)),
            Example("Everything in Python", "examples/demo.md", ("examples/demo.py",)),
            Example(
                "Many calls with asyncio", "examples/calls-async.md", ("examples/calls_async.py",)
            ),
            Example("A worker in C++", "examples/worker.md", ("examples/worker.cpp",)),
            Example("A webhook in C++", "examples/webhook.md", ("examples/webhook.cpp",)),
            Example(
                "Webhooks in Flask, FastAPI and Django",
                "examples/webhooks.md",
                (
                    "examples/webhooks_flask.py",
                    "examples/webhooks_fastapi.py",
                    "examples/campaign_webhooks_fastapi.py",
                    "examples/webhooks_django.py",
                ),
            ),
            Example(
                "Contacts in Swift",
                "examples/swift-contacts.md",
                ("examples/swift-contacts/Sources/call-contacts/CallContacts.swift",),
            ),
        ),
    ),
    Chapter(
        "Event loops and servers",
        (
            _host("epoll", "epoll/calls.c"),
            _host("GLib", "glib/calls.c"),
            _host("libuv", "libuv/calls.c"),
            _host("nginx", "nginx/ngx_http_trillet_module.c", "nginx/config"),
            _host("Qt", "qt/calls.cpp", "qt6/calls.cpp"),
            _host("Boost.Asio", "asio/calls.cpp"),
            _host("asyncio with ctypes", "asyncio/calls.py"),
            _host("Celery", "celery/calls.py"),
            _host("Kamailio", "kamailio/kamailio.cfg", "kamailio/calls.py"),
            _host("libre", "libre/calls.c"),
            _host("PostgreSQL", "postgresql/calls.sql"),
            _host("PyInstaller", "pyinstaller/calls.py"),
            _host("zipapp", "zipapp/__main__.py"),
            _host(
                "gunicorn, uWSGI and mod_wsgi",
                "wsgi/calls.py",
                "wsgi/gunicorn.conf.py",
                "wsgi/calls_gevent.py",
                "wsgi/calls_asgi.py",
                "wsgi/calls_uwsgi.py",
                "wsgi/calls_mod_wsgi.py",
                "wsgi/apache.conf",
            ),
        ),
    ),
    Chapter(
        "Other languages",
        (
            _host("Go", "go/calls.go"),
            _host("Java", "java/Calls.java"),
            _host("Lua", "lua/calls.lua"),
            _host("Node", "node/calls.js", "node/trillet_node.c"),
            _host("Perl", "perl/calls.pl"),
            _host("PHP", "php/calls.php"),
            _host("R", "r/calls.R", "r/trillet_r.c"),
            _host("Ruby", "ruby/calls.rb"),
            _host("Rust", "rust/calls.rs", "rust/trillet.rs"),
            _host("Swift", "swift/calls.swift"),
            _host("Tcl", "tcl/calls.tcl", "tcl/trillet_tcl.c"),
        ),
    ),
)
OVERVIEW = "examples/index.md"


def examples() -> Iterator[Example]:
    for chapter in CHAPTERS:
        yield from chapter.examples


def addresses() -> dict[str, str]:
    """Where each file is shown."""
    return {file: example.page for example in examples() for file in example.files}


def navigation() -> list[object]:
    return [
        OVERVIEW,
        *({part.title: [{each.title: each.page} for each in part.examples]} for part in CHAPTERS),
    ]


def pages(root: Path) -> Iterator[tuple[str, str]]:
    yield OVERVIEW, "\n".join(_overview())
    for example in examples():
        yield example.page, "\n".join(_page(root, example))


def _overview() -> Iterator[str]:
    yield from (
        "# Examples",
        "",
        "Tests run all of these against the [sandbox](../sandbox.md).",
        "",
    )
    for chapter in CHAPTERS:
        yield from (f"## {chapter.title}", "")
        for example in chapter.examples:
            names = ", ".join(f"`{file}`" for file in example.files)
            yield f"- [{example.title}]({example.page.removeprefix('examples/')}): {names}"
        yield ""


def _page(root: Path, example: Example) -> Iterator[str]:
    yield from (f"# {example.title}", "")
    for file in example.files:
        path = root / file
        if len(example.files) > 1:
            yield from (f"## {path.name}", "")
        yield from (f"`{file}`", "")
        yield from fenced(_lines(path), _LANGUAGES.get(path.suffix, "text"))


def _lines(path: Path) -> Sequence[str]:
    return path.read_text("utf-8").rstrip("\n").split("\n")
