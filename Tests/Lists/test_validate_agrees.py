"""A file that the check finds good is good to the service, on very many small files."""

from __future__ import annotations

import http.client
import json
import os
import random
from collections import Counter
from typing import Any

import trillet
from trillet.testing import Sandbox

SEED = int(os.environ.get("TRILLET_TEST_SEED", "0")) or random.SystemRandom().randrange(1 << 31)
FILES = 10_000
# What the check refuses and the service is not known to: docs/batches.md says so.
LAXER = {
    "trunk_prefix", "area_code", "country_code", "too_short", "too_long", "decimal", "extension",
    "control_character",
}  # fmt: skip
HEADERS = [
    b"phone_number", b"phone_number,name", b"name,phone_number",
    b'"phone_number",name,"note, long"',
    b"\xef\xbb\xbfphone_number,name", b"Phone Number,name", b"phone_number,name,name", b"name",
    b"", b"phone_number;name",
]  # fmt: skip
NUMBERS = [
    b"+12025550164", b"+442071838750", b"+4930901820", b"+1 (202) 555-0164", b'"+12025550165"',
    b"12025550164", b"0171 1234567", b"", b" ", b"+1202555", b"+46 (0)8 123456", b"abc",
    b"+12025550164.0", b"1.2E+10", b"+12025550164x5", "+1\u00a0202\u00a0555\u00a00164".encode(),
]  # fmt: skip
VALUES = [b"", b"Ada", b'"Moss, Ada"', b'"a\nb"', b'"say ""hi"""', b' "x"', b'a"b', "Zoë".encode(),
          b"a\xe9b", b"\x00", b"\t", b'"open', b'"shut"y']  # fmt: skip
ENDS = [b"\n", b"\n", b"\r\n", b"\n\n", b"\n,\n", b"\r"]


def small_file(random_: random.Random) -> bytes:
    header = random_.choice(HEADERS[:5] * 3 + HEADERS)
    end = random_.choice(ENDS)
    rows = [header]
    good = random_.randrange(3) > 0
    for _ in range(random_.randrange(5)):
        values = []
        for name in header.split(b",")[: random_.choice([9, 9, 9, 1])]:
            pool = NUMBERS if b"phone" in name else VALUES
            values.append(random_.choice(pool[:5] if good else pool))
        values += random_.choice([[], [], [], [b""], [b"too much"]])
        rows.append(b",".join(values))
    return end.join(rows) + random_.choice([b"", end])


class Service:
    """`POST /v1/api/batch-calls/validate`, over one connection."""

    def __init__(self, sandbox: Sandbox) -> None:
        host = sandbox.url.removeprefix("http://")
        self._connection = http.client.HTTPConnection(host, timeout=30)
        self._headers = {
            "x-api-key": sandbox.api_key,
            "x-workspace-id": sandbox.workspace_id,
            "content-type": "multipart/form-data; boundary=between-the-parts",
        }

    def validate(self, csv: bytes) -> tuple[int, dict[str, Any]]:
        head = 'Content-Disposition: form-data; name="file"; filename="contacts.csv"'
        body = (
            f"--between-the-parts\r\n{head}\r\nContent-Type: text/csv\r\n\r\n".encode()
            + csv
            + b"\r\n--between-the-parts--\r\n"
        )
        path = "/v1/api/batch-calls/validate"
        self._connection.request("POST", path, body, self._headers)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read())


def verdict(csv: bytes) -> tuple[bool, set[str]]:
    """Whether the check finds the file good, and what it finds wrong."""
    try:
        report = trillet.check_csv(csv=csv, max_problems=1000)
    except trillet.InvalidArgumentError as error:
        return False, {str(error.code)}
    return report.valid, {each.kind for each in report.problems if each.severity == "error"}


def test_what_the_check_finds_good_is_good_to_the_service(sandbox: Sandbox) -> None:
    random_ = random.Random(SEED)
    service = Service(sandbox)
    seen: Counter[str] = Counter()
    for _ in range(FILES):
        csv = small_file(random_)
        is_good, kinds = verdict(csv)
        status, answer = service.validate(csv)
        assert status in (200, 400), (SEED, csv, answer)
        is_good_to_service = status == 200 and answer["valid"]
        if is_good:
            assert is_good_to_service, (SEED, csv, answer)
            assert answer["validRows"] == trillet.check_csv(csv=csv).accepted, (SEED, csv)
        elif is_good_to_service:
            assert kinds, (SEED, csv)
            assert kinds <= LAXER, (SEED, csv, kinds)
        seen[f"{is_good} {is_good_to_service}"] += 1
    assert min(seen["True True"], seen["False False"], seen["False True"]) > FILES // 100, seen
