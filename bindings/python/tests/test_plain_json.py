"""JSON by msgspec and by the standard library: the same values, the same texts."""

from __future__ import annotations

import json
import math
import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from recording_server import answer, json_answer
from trillet._json.answers import answers
from trillet._json.encoding import read, read_from, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from recording_server import RecordingServer

CHARACTERS = 'aZ09 "\\/\b\f\n\r\t\x00\x1f\x7f\u00e9\u2028\ud7ff\ue000\U0001f600'
UNREADABLE = "9" * 10_000

has_digit_limit = pytest.mark.skipif(
    not hasattr(sys, "set_int_max_str_digits"), reason="this Python has no limit of digits"
)


def text(chance: random.Random) -> str:
    return "".join(chance.choices(CHARACTERS, k=chance.randrange(12)))


def number(chance: random.Random) -> int | float:
    if chance.random() < 0.5:
        return chance.choice((-1, 1)) * chance.getrandbits(chance.choice((3, 31, 53, 63, 64, 200)))
    while True:
        value = chance.choice((-1, 1)) * chance.random() * 10.0 ** chance.randrange(-320, 309)
        if math.isfinite(value):
            return value


def value(chance: random.Random, depth: int = 4) -> Any:
    kind = chance.randrange(7 if depth else 5)
    if kind == 5:
        return [value(chance, depth - 1) for _ in range(chance.randrange(5))]
    if kind == 6:
        return {text(chance): value(chance, depth - 1) for _ in range(chance.randrange(5))}
    return (None, True, False, text(chance), number(chance))[kind]


def test_values_survive_being_written_and_read() -> None:
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    for _ in range(5000):
        given = {"value": value(chance)}
        written = write(given, "test")
        assert json.loads(written) == given, f"seed {seed}"
        assert repr(read(written)) == repr(given), f"seed {seed}"
        assert repr(read_from(written, 0)) == repr(given), f"seed {seed}"


def test_the_files_of_the_suite_are_read_as_by_the_standard_library(json_suite: Path) -> None:
    for path in sorted(json_suite.glob("y_*.json")):
        content = b'{"x":' + path.read_bytes() + b"}"
        assert repr(read(content)) == repr(json.loads(content)), path.name


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1e-400", "123456789012345678901234567890"])
def test_numbers_out_of_range_are_what_python_makes_of_them(
    number: str, client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(answer(200, number, {"Content-Type": "application/json"}))
    assert client.call("GET /n").data == json.loads(number)


def test_space_around_an_answer_is_nothing(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(answer(200, ' \r\n\t{"name":"é"} ', {"Content-Type": "application/json"}))
    assert client.agents.get("a") == {"name": "é"}


@has_digit_limit
def test_an_answer_that_cannot_be_read_is_an_error_beside_the_others() -> None:
    awkward = '{"a":"]}[{\\"","b":[[],{}],"c":"\\\\"}'
    meta = '"meta":{"operation":"agents.get","attempts":2,"elapsedMs":1.5,"requestId":null}}'
    array = (
        f'[{{"id":7,"ok":true,"status":200,"data":{awkward},{meta},'
        f'{{"id":8,"ok":true,"status":200,"data":{{"meta":{UNREADABLE}}},{meta},'
        f'{{"id":9,"ok":true,"status":200,"data":{awkward},{meta}]'
    )
    first, second, third = answers(array.encode())
    assert (first["id"], first["data"]) == (7, json.loads(awkward))
    assert (second["id"], second["ok"], second["meta"]["attempts"]) == (8, False, 2)
    assert second["error"]["type"] == "response"
    assert "cannot be read by Python" in second["error"]["message"]
    assert (third["id"], third["data"]) == (9, json.loads(awkward))


def answer_every_fourth_unreadably(server: RecordingServer) -> None:
    unreadable = answer(200, UNREADABLE, {"Content-Type": "application/json"})
    server.respond = lambda request: (
        unreadable if request.json["number"] % 4 == 0 else json_answer(request.json)
    )


def expect_every_fourth_to_have_failed(results: list[trillet.Result]) -> None:
    assert [result.index for result in results] == list(range(100))
    for result in results:
        if result.index % 4:
            assert result.data == result.request
        else:
            assert isinstance(result.error, trillet.ResponseError)
            assert result.sent == "yes"
            assert result.error.meta["operation"] == "POST /x"


@has_digit_limit
def test_an_answer_that_cannot_be_read_is_the_result_of_its_request_alone(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    answer_every_fourth_unreadably(server)
    requests = [{"number": number} for number in range(100)]
    expect_every_fourth_to_have_failed(list(client.map("POST /x", requests)))


@has_digit_limit
def test_in_an_event_loop_too(
    connect_async: Callable[..., trillet.AsyncTrillet], server: RecordingServer
) -> None:
    import asyncio

    answer_every_fourth_unreadably(server)
    requests = [{"number": number} for number in range(100)]

    async def main() -> None:
        async with connect_async() as client:
            results = [result async for result in client.map("POST /x", requests)]
            expect_every_fourth_to_have_failed(results)
            with pytest.raises(trillet.ResponseError, match="cannot be read by Python"):
                await client.call("POST /x", {"number": 0})

    asyncio.run(main())


BROKEN = {
    "cannot be imported": "raise RuntimeError('built for another Python')",
    "is too old": "",
    "writes something else": (
        "class Encoder:\n"
        "    def encode(self, value): return b'{}'\n"
        "class Decoder:\n"
        "    def decode(self, text): return {}\n"
    ),
}


@pytest.mark.parametrize("source", BROKEN.values(), ids=BROKEN.keys())
def test_a_msgspec_that_does_not_work_is_not_used(source: str, tmp_path: Path) -> None:
    package = tmp_path / "msgspec"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "json.py").write_text(source)
    program = (
        "import trillet, trillet._json.plain as plain\n"
        "assert plain.quick_decode is None\n"
        "with trillet.Trillet(api_key='k', env=False) as client: print(client.stats()['total'])\n"
    )
    paths = os.pathsep.join([str(tmp_path), os.path.dirname(os.path.dirname(trillet.__file__))])
    environment = {**os.environ, "PYTHONPATH": paths}
    ran = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    assert "calls" in ran.stdout
