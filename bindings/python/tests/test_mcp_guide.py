"""The guide docs/mcp.md: its settings start a server, and its flags exist."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("mcp")

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from conftest import ROOT
from mcp_sessions import command, environment, run

if TYPE_CHECKING:
    from recording_server import RecordingServer

TEXT = (ROOT / "docs/mcp.md").read_text("utf-8")
SETTINGS = re.findall(r"^```json\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def tools_of(settings: str, url: str) -> set[str]:
    ((_, server),) = json.loads(settings)["mcpServers"].items()
    assert server["command"] == "trillet"
    found: set[str] = set()

    async def look() -> None:
        parameters = StdioServerParameters(
            command=sys.executable, args=["-m", "trillet", *server["args"]], env=environment(url)
        )
        async with (
            stdio_client(parameters) as (incoming, outgoing),
            ClientSession(incoming, outgoing) as session,
        ):
            await session.initialize()
            found.update(tool.name for tool in (await session.list_tools()).tools)

    run(look)
    return found


def test_the_first_settings_offer_what_reads(server: RecordingServer) -> None:
    tools = tools_of(SETTINGS[0], server.url)
    assert {"calls_find", "calls_wait", "contacts_check"} <= tools
    assert "calls_send" not in tools


def test_the_second_settings_offer_calls(server: RecordingServer) -> None:
    offered = {"calls_send", "batch_calls_start", "conversations_generate"}
    assert offered <= tools_of(SETTINGS[1], server.url)


def test_the_guide_names_each_flag_and_no_other(server: RecordingServer) -> None:
    done = subprocess.run(
        [sys.executable, *command("--help")],
        env=environment(server.url),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    common = {"--help", "--output", "--profile", "--json"}
    flags = set(re.findall(r"--[a-z][a-z-]+", done.stdout)) - common
    assert set(re.findall(r"--[a-z][a-z-]+", TEXT)) == flags
