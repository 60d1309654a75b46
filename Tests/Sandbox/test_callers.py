"""What people say is fixed by a test, and the agent answers by its prompt."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from conftest import StartSandbox
from sandbox import Sandbox, contacts, ready_agent
from seed import SEED

SEND = "/api/v1/calls/call"
HISTORY = "/v2/api/call-history"
PHONE = "+15005551000"
PROMPT = """\
# Reception
You are the receptionist of a dental practice. Be kind.

- If the caller asks about "opening hours" or "when are you open", say: "We are open
  from nine to five."
- When the customer wants to speak to a person, say "One moment, {first_name}." and transfer the
  call to +12025550199.
* **If the caller says “café”**: answer with “The café is downstairs.”
1. If they want to cancel or postpone the appointment, ask "Which day?"
- If the caller says goodbye, end the call.
- If the caller is in a hurry, be quick.
- Otherwise, say "Could you say that again, please?"
"""


@pytest.fixture(scope="module")
def paused() -> Any:
    server = Sandbox("--requests-per-minute", "0", "--paused")
    yield server
    server.stop()


def caller(sandbox: Sandbox, says: list[object], number: str = PHONE, **others: object) -> None:
    answer = sandbox.send_json("PUT", f"/sandbox/callers/{number}", {"says": says, **others})
    assert answer.status == 200, answer.body


def held(sandbox: Sandbox, agent: str, number: str = PHONE, **others: object) -> Any:
    """A call to its end, as the history shows it."""
    answer = sandbox.post(SEND, {"agentId": agent, "toNumber": number, **others})
    assert answer.status == 200, answer.body
    sandbox.steer(advanceMs=4_000_000)
    query = f'{HISTORY}?callIds=["{answer.json["callId"]}"]'.replace('"', "%22")
    (record,) = sandbox.get(query).json
    return record


def said(record: Any) -> list[tuple[str, str]]:
    return [(turn["role"], turn["content"]) for turn in record["transcript"]]


def talk(sandbox: Sandbox, *says: object, prompt: str = PROMPT, **flow: object) -> Any:
    caller(sandbox, list(says))
    agent = ready_agent(sandbox, {"prompt": prompt, "welcomeMessage": "ai_dynamic", **flow})
    return held(sandbox, agent, dynamicVariables={"first_name": "Ada"})


def replies(record: Any) -> list[str]:
    return [text for role, text in said(record)[1:] if role == "assistant"]


def ending(sandbox: Sandbox, record: Any) -> tuple[str, str | None]:
    """Who or what ended a call, and where it went."""
    held = sandbox.get(f"/sandbox/calls/{record['callId']}").json["conversation"]
    return held["endedBy"], held["transferredTo"]


def test_a_transcript_has_both_sides_in_turn_with_their_times(paused: Sandbox) -> None:
    record = talk(paused, "Hello, when are you open?", "Thank you.")
    assert said(record) == [
        ("assistant", "Hi Ada, this is Front Desk."),
        ("user", "Hello, when are you open?"),
        ("assistant", "We are open from nine to five."),
        ("user", "Thank you."),
        ("assistant", "Could you say that again, please?"),
    ]
    times = [turn["timestamp"] for turn in record["transcript"]]
    assert times == sorted(set(times))
    assert times[0] == record["timestamp"] + 5
    assert times[-1] < record["timestamp"] + record["duration"]
    assert record["status"] == "completed"
    assert record["analyzedData"] == {"answered_by_voicemail": False}
    assert ending(paused, record) == ("caller", None)


def test_quoted_words_follow_one_another_and_others_stand_anywhere(paused: Sandbox) -> None:
    record = talk(
        paused,
        "Your OPENING hours?",
        "The hours of the opening?",
        "The appointment I have, could I cancel it?",
        "I would postpone our appointment.",
        "Where is the Cafe?",
    )
    assert replies(record) == [
        "We are open from nine to five.",
        "Could you say that again, please?",
        "Which day?",
        "Which day?",
        "The café is downstairs.",
    ]


def test_a_transfer_ends_the_call_and_says_where_it_went(paused: Sandbox) -> None:
    record = talk(paused, "Can I speak to a real person?", "Never said.")
    assert said(record)[-1] == ("assistant", "One moment, Ada.")
    assert ending(paused, record) == ("transfer", "+12025550199")


def test_the_agent_ends_the_call_when_the_prompt_says_so(paused: Sandbox) -> None:
    record = talk(paused, "Goodbye!", "Never said.")
    assert said(record)[-1] == ("assistant", "Goodbye.")
    assert ending(paused, record) == ("agent", None)


def test_lines_that_the_stand_in_cannot_follow_are_named(paused: Sandbox) -> None:
    record = talk(paused, "Bananas?")
    whole = paused.get(f"/sandbox/calls/{record['callId']}").json["conversation"]
    assert whole["rules"] == 6
    assert whole["notUnderstood"] == 1
    assert whole["notFollowed"] == ["If the caller is in a hurry, be quick."]


def test_without_a_rule_for_anything_else_the_agent_says_that_it_did_not_understand(
    paused: Sandbox,
) -> None:
    assert replies(talk(paused, "Bananas?", prompt="Sell.")) == [
        "I am sorry, I did not understand that."
    ]


@pytest.mark.parametrize(
    ("rule", "heard", "reply"),
    [
        ('If the user says "yes" → "Great."', "Yes, please", "Great."),
        ('When the caller says "no" -> say "Pity."', "No", "Pity."),
        ('If someone asks for prices, fees or costs, say "Nine."', "What costs it?", "Nine."),
        (
            '- If the caller asks about parking,\n  tell them: "Behind us."',
            "Parking?",
            "Behind us.",
        ),
        ('If they mention {product} then say "It is {product}."', "An anvil", "It is anvil."),
        ('If the caller says "{product}", say "Yes."', "An anvil", "Yes."),
        (
            "If the caller is angry, transfer to the manager.",
            "I am angry",
            "I am connecting you now.",
        ),
        ('1) If the caller asks why, say "So." then hang up', "Why?", "So."),
    ],
)
def test_forms_of_rules(paused: Sandbox, rule: str, heard: str, reply: str) -> None:
    caller(paused, [heard])
    agent = ready_agent(paused, {"prompt": f"Be kind.\n\n{rule}\n"})
    assert replies(held(paused, agent, dynamicVariables={"product": "anvil"})) == [reply]


def test_the_agents_own_instructions_count_after_those_of_the_flow(paused: Sandbox) -> None:
    caller(paused, ["Yes"])
    agent = ready_agent(paused, {"prompt": "Be kind."})
    rule = {"systemPrompt": 'If the caller says "yes", say "Fine."'}
    assert paused.send_json("PATCH", f"/api/v1/agents/{agent}", rule).status == 200
    assert replies(held(paused, agent)) == ["Fine."]


def test_the_caller_speaks_first_where_the_flow_wants_it(paused: Sandbox) -> None:
    record = talk(paused, "When are you open?", welcomeMessage="user_initiated")
    assert said(record) == [
        ("user", "When are you open?"),
        ("assistant", "We are open from nine to five."),
    ]


def test_silence_ends_the_call_after_the_time_that_the_flow_allows(paused: Sandbox) -> None:
    settings = {"callSetting": {"endCallOnSilence": 20}}
    record = talk(paused, {"silence": 19}, "Still here.", {"silence": 20}, "No.", settings=settings)
    assert [text for role, text in said(record) if role == "user"] == ["Still here."]
    assert ending(paused, record) == ("silence", None)
    assert 45 <= record["duration"] <= 55


def test_a_call_ends_at_its_longest_duration(paused: Sandbox) -> None:
    record = talk(
        paused, *["When are you open?"] * 9, settings={"callSetting": {"maxCallDuration": 12}}
    )
    assert record["duration"] == 12
    assert ending(paused, record) == ("limit", None)


def test_outside_working_hours_the_caller_hears_that_alone(paused: Sandbox) -> None:
    now = paused.get("/healthz").json["time"]
    hour = (int(now[11:13]) + 6) % 24
    hours = {"enabled": True, "start": f"{hour:02}:00", "end": f"{hour:02}:30", "timezone": "UTC"}
    settings = {"responseSettings": {"workingHours": {**hours, "outOfHoursMessage": "Closed."}}}
    record = talk(paused, "Hello?", settings=settings)
    assert said(record) == [("assistant", "Closed.")]
    assert ending(paused, record) == ("out-of-hours", None)


@pytest.mark.parametrize(
    ("answers", "status", "summary"),
    [
        ("voicemail", "failed", "Voicemail"),
        ("nobody", "no-answer", "No answer"),
        ("busy", "busy", "Number busy"),
        ("declined", "no-answer", "Call declined"),
    ],
)
def test_a_number_without_a_person(
    paused: Sandbox, answers: str, status: str, summary: str
) -> None:
    caller(paused, [], answers=answers)
    record = held(paused, ready_agent(paused))
    assert (record["status"], record["summary"]) == (status, summary)
    assert record["analyzedData"] == {"answered_by_voicemail": answers == "voicemail"}


def test_a_batch_reaches_the_same_people(paused: Sandbox) -> None:
    caller(paused, ["When are you open?"], "+12025550000", answersAfter=9)
    agent = ready_agent(paused, {"prompt": PROMPT})
    batch = paused.upload("/v1/api/batch-calls", contacts(1), agentId=agent).json["batchId"]
    paused.steer(advanceMs=600_000)
    (record,) = paused.get(f"{HISTORY}?batchId={batch}").json
    assert replies(record) == ["We are open from nine to five."]
    assert record["transcript"][0]["timestamp"] == record["timestamp"] + 9


def test_callers_are_listed_replaced_and_forgotten(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox("--paused")
    caller(sandbox, ["One."])
    caller(sandbox, ["Two.", {"silence": 3}], "%2B15005551000")
    expected = {
        "number": PHONE,
        "answers": "person",
        "answersAfter": 5,
        "says": ["Two.", {"silence": 3}],
    }
    assert sandbox.get("/sandbox/callers").json == {"callers": [expected]}
    assert sandbox.delete(f"/sandbox/callers/{PHONE}").json == {"callers": []}
    assert sandbox.delete(f"/sandbox/callers/{PHONE}").status == 404
    caller(sandbox, [])
    assert sandbox.delete("/sandbox/callers").json == {"callers": []}
    caller(sandbox, [])
    assert sandbox.post("/sandbox/reset", {}).status == 200
    assert sandbox.get("/sandbox/callers").json == {"callers": []}


def test_callers_outlive_the_sandbox_with_its_database(
    start_sandbox: StartSandbox, tmp_path: Any
) -> None:
    database = ("--paused", "--database", str(tmp_path / "sandbox.db"))
    first = start_sandbox(*database)
    caller(first, ["Hello."])
    first.stop()
    listed = start_sandbox(*database).get("/sandbox/callers").json["callers"]
    assert [entry["says"] for entry in listed] == [["Hello."]]


@pytest.mark.parametrize(
    ("number", "body", "message"),
    [
        ("12", {}, "E.164"),
        ("+15005550001", {}, "magic number"),
        (PHONE, {"say": []}, '"say" is not known'),
        (PHONE, {"says": "Hello"}, "says must be an array"),
        (PHONE, {"says": ["Hello"] * 201}, "at most 200"),
        (PHONE, {"says": [""]}, "says[0] must have 1 to 4096 bytes"),
        (PHONE, {"says": ["x" * 4097]}, "4096"),
        (PHONE, {"says": [{"pause": 1}]}, "says[0] must be a text or"),
        (PHONE, {"says": [{"silence": 0}]}, "says[0].silence"),
        (PHONE, {"answers": "cat"}, "person, voicemail, busy, declined, nobody"),
        (PHONE, {"answersAfter": 61}, "from 1 to 60"),
        (PHONE, {"answers": "busy", "says": ["Hello"]}, "Only a person"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(
    sandbox: Sandbox, number: str, body: object, message: str
) -> None:
    answer = sandbox.send_json("PUT", f"/sandbox/callers/{number}", body)
    assert answer.status == 400
    assert message in answer.json["error"]["message"]


def test_words_without_end_are_cut(paused: Sandbox) -> None:
    record = talk(paused, *["x" * 4096] * 40)
    assert sum(len(text) for _, text in said(record)) < 70_000
    assert said(record)[-2] == ("user", "...")


PIECES = [
    *("If the caller ", "When they", "- ", "  ", "\n", '"', "“", ",", ":", "→", "->", " then "),
    *(
        "says ",
        "say ",
        "transfer ",
        " to ",
        "+1",
        "and ",
        "end the call",
        "Otherwise",
        "İ",
        "ß",
        "{",
    ),
    *(
        "a",
        "}",
        "**",
        "1.",
        ";",
        ". ",
        "é",
        "e\u0301",
        "\U0001f600",
        "\r\n",
        "put them through to ",
    ),
]


def test_any_prompt_can_be_read(paused: Sandbox) -> None:
    chance = random.Random(SEED)
    caller(paused, ["Hello a", "says é", "\U0001f600", "..."])
    agent = ready_agent(paused)
    (flow,) = [
        entry["_id"]
        for entry in paused.get("/api/v1/flows?limit=100").json["flows"]
        if entry["agent"] == agent
    ]
    for _ in range(300):
        prompt = "".join(chance.choices(PIECES, k=chance.randrange(60)))
        changed = paused.send_json("PATCH", f"/api/v1/flows/{flow}", {"prompt": prompt})
        assert changed.status == 200, (SEED, prompt)
        answer = paused.post(SEND, {"agentId": agent, "toNumber": PHONE})
        assert answer.status == 200, (SEED, prompt)


@pytest.mark.parametrize(
    "piece",
    [
        "If they say a, say ",
        '- If they say "a", say "b"\n',
        "- a\n b\n",
        f"If they say a{',' * 4000}\n",
        f"If they say {' or '.join(map(str, range(400)))}, end the call\n",
    ],
    ids=["one line", "rules", "items", "commas", "ways to say it"],
)
def test_a_prompt_of_a_megabyte_takes_no_long_time(paused: Sandbox, piece: str) -> None:
    caller(paused, ["c"] * 200)
    prompt = piece * (600_000 // len(piece))
    agent = ready_agent(paused, {"prompt": prompt})
    begun = time.monotonic()
    assert paused.post(SEND, {"agentId": agent, "toNumber": PHONE}).status == 200
    assert time.monotonic() - begun < 15
