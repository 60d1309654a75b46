"""The page of a campaign as programs see it: for this machine alone, to look only."""

from __future__ import annotations

import http.client
import json
from contextlib import closing
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from campaign_places import ADA, begun
from trillet._campaign_page.looker import Looker
from trillet._campaign_page.server import PageServer
from trillet._command.command import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trillet.campaign import Campaign


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PageServer]:
    database = str(tmp_path / "leads.db")
    begun(database, "a", ADA).close()
    looker = Looker(database, None, database)
    served = PageServer(0, looker)
    thread = Thread(target=served.serve_forever)
    thread.start()
    yield served
    served.shutdown()
    served.server_close()
    looker.close()
    thread.join(10)


def asked(
    server: PageServer, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", server.server_port, 30)) as connection:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()


def test_the_page_and_its_data_are_served(server: PageServer) -> None:
    for path in ("/", "/page.js", "/plots.js", "/elements.js", "/page.css"):
        status, headers, body = asked(server, path)
        assert (status, headers["X-Content-Type-Options"]) == (200, "nosniff")
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert body
    told = json.loads(asked(server, "/data.json")[2])
    assert (told["name"], told["total"], told["hours"]) == ("spring", 1, [])
    assert asked(server, "/../server.py")[0] == 404


def test_another_name_or_site_is_refused(server: PageServer) -> None:
    for host in ("evil.example", f"evil.example:{server.server_port}", "127.0.0.1", ""):
        status, _, body = asked(server, "/data.json", Host=host)
        assert (status, b"+1202" in body) == (403, False)
    crossing = {"Sec-Fetch-Site": "cross-site"}
    assert asked(server, "/data.json", **crossing)[0] == 403
    assert asked(server, "/data.json", Host=f"localhost:{server.server_port}")[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
def test_the_page_can_be_looked_at_only(server: PageServer, method: str) -> None:
    status, headers, _ = asked(server, "/data.json", method)
    assert (status, headers["Allow"]) == (405, "GET")


def test_many_tabs_are_one_look_at_the_database(
    server: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(server, "/data.json")
    looks: list[Campaign] = []
    look = server.looker._look

    def counted(campaign: Campaign) -> bytes:
        looks.append(campaign)
        return look(campaign)

    monkeypatch.setattr(server.looker, "_look", counted)
    tabs = [Thread(target=asked, args=(server, "/data.json")) for _ in range(20)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join(30)
    assert len(looks) <= 2


def test_a_database_that_is_gone_is_told(server: PageServer, tmp_path: Path) -> None:
    looker = Looker(str(tmp_path / "missing.db"), None, "missing.db")
    answer = looker.answer()
    looker.close()
    assert answer is not None
    assert "There is no campaign database" in json.loads(answer)["error"]


def test_a_port_that_is_taken_is_told(
    server: PageServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["campaign", "serve", str(tmp_path / "leads.db"), "--port", str(server.server_port)]
    assert main(words) == 2
    assert "name another by --port" in capsys.readouterr().err
