"""Many calls at once: what becomes of each, in which order, and how it ends."""

from __future__ import annotations

import gc
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import trillet
from libcurl import KEEPS_CONNECTIONS
from operations import AGENT
from recording_server import held, json_answer, silence
from test_lifecycle import in_a_child

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from recording_server import RecordingServer, Reply, Request


def numbered(amount: int) -> list[dict[str, object]]:
    return [{"number": number} for number in range(amount)]


def echo(server: RecordingServer) -> None:
    """From now on a request is its own answer."""
    server.respond = lambda request: json_answer(request.json)


def test_results_come_in_the_order_of_the_requests(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    echo(server)
    results = list(client.map("POST /echo", numbered(300), max_in_flight=16))
    assert [result.index for result in results] == list(range(300))
    assert [result.data["number"] for result in results] == list(range(300))
    assert [result.request for result in results] == numbered(300)
    assert {result.sent for result in results} == {"yes"}
    assert len(server.requests) == 300
    assert not KEEPS_CONNECTIONS or server.connections <= 16


def test_results_that_need_no_order_come_as_they_end(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    release = threading.Event()
    server.script(held(release, json_answer({"late": True})))
    results = client.map("POST /echo", numbered(20), max_in_flight=4, ordered=False)
    early = list(islice(results, 19))
    assert all(result.data == {} for result in early)
    release.set()
    (late,) = results
    assert late.data == {"late": True}
    assert late.index < 4, "one of those that start together"
    assert sorted(result.index for result in [*early, late]) == list(range(20))


def test_a_call_that_fails_costs_the_others_nothing(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    def reply(request: Request) -> Reply:
        if request.json["number"] % 3 == 0:
            return json_answer({"error": "Agent not found"}, 404)
        return json_answer({"number": request.json["number"]})

    server.respond = reply
    results = list(client.map("POST /echo", numbered(30)))
    assert [result.ok for result in results] == [number % 3 != 0 for number in range(30)]
    failed = results[3]
    assert isinstance(failed.error, trillet.NotFoundError)
    assert failed.response is None
    assert failed.sent == "no"
    assert failed.request == {"number": 3}
    with pytest.raises(trillet.NotFoundError, match="Agent not found"):
        failed.data  # noqa: B018
    assert "NotFoundError" in repr(failed)
    assert "200" in repr(results[1])


def test_a_request_that_cannot_be_written_is_a_result_too(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    requests: list[Any] = [
        {"agentId": AGENT, "toNumber": "+12025550164"},
        {"agentId": AGENT, "toNumber": "555"},
        {"agentId": AGENT, "toNumber": b"+12025550164"},
        {"agentId": AGENT, "toNumber": "\ud800"},
        None,
        7,
        '{"agentId":"a1","toNumber":"+12025550165"}',
    ]
    results = list(client.map("calls.send", requests))
    assert [result.ok for result in results] == [True, False, False, False, False, False, True]
    for result in results[1:6]:
        assert type(result.error) is trillet.InvalidArgumentError
        assert (result.sent, result.error.operation) == ("no", "calls.send")
    assert "decode it first" in str(results[2].error)
    assert len(server.requests) == 2


def test_requests_are_taken_only_as_far_ahead_as_the_window_goes(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    taken = 0

    def endless() -> Iterator[dict[str, object]]:
        nonlocal taken
        for taken in count(1):
            yield {"number": taken}

    with client.map("POST /echo", endless(), max_in_flight=5, ordered=False) as results:
        for given in range(1, 50):
            assert next(results).ok
            assert taken <= given + 5
    assert len(server.requests) <= taken


def test_one_call_that_takes_long_holds_back_a_bounded_number(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    release = threading.Event()
    server.respond = lambda request: (
        json_answer({}) if request.json["number"] else held(release, json_answer({}))
    )
    taken: list[int] = []

    def endless() -> Iterator[dict[str, object]]:
        for number in count():
            taken.append(number)
            yield {"number": number}

    with client.map("POST /echo", endless(), max_in_flight=3) as results:
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(next, results)
            server.wait_for(12)
            assert not first.done()
            release.set()
            assert first.result(10).ok
        assert len(taken) <= 3 * 4 + 1


def test_no_more_are_under_way_than_allowed(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    release = threading.Event()
    server.script(*[held(release, json_answer({})) for _ in range(7)])
    with ThreadPoolExecutor(1) as pool:
        whole = pool.submit(list, client.map("POST /echo", numbered(40), max_in_flight=7))
        server.wait_for(7)
        assert len(server.requests) == 7
        release.set()
        assert len(whole.result(10)) == 40


def test_leaving_the_loop_cancels_what_is_under_way(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(json_answer({}))
    server.otherwise = silence()
    for result in client.map("POST /echo", numbered(100), max_in_flight=4, ordered=False):
        assert result.ok
        break
    gc.collect()
    assert len(server.requests) <= 5
    server.otherwise = json_answer({})
    assert client.call("GET /afterwards").status == 200
    assert client.stats()["queue"]["inFlight"] == 0


def test_a_cancelled_map_still_tells_what_became_of_each_request_it_took(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(json_answer({}))
    server.otherwise = silence()
    results = client.map("POST /echo", numbered(100), max_in_flight=4, ordered=False)
    told = [next(results)]
    server.wait_for(4)
    results.cancel()
    told += results
    assert sorted(result.index for result in told) == list(range(len(told)))
    assert 4 <= len(told) <= 5
    cancelled = [result for result in told if not result.ok]
    assert {type(result.error) for result in cancelled} == {trillet.RequestCancelledError}
    assert {result.sent for result in cancelled} <= {"no", "maybe"}
    results.cancel()
    assert list(results) == []


def test_a_map_is_cancelled_from_another_thread(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.otherwise = silence()
    results = client.map("POST /echo", numbered(100), max_in_flight=4)

    def cancel() -> None:
        server.wait_for(4)
        results.cancel()

    with ThreadPoolExecutor(1) as pool:
        cancelling = pool.submit(cancel)
        told = list(results)
        cancelling.result(10)
    assert [result.index for result in told] == [0, 1, 2, 3]
    assert {type(result.error) for result in told} == {trillet.RequestCancelledError}


def test_an_iterable_that_fails_is_told_after_the_calls_under_way(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    def broken() -> Iterator[dict[str, object]]:
        yield from numbered(3)
        raise OSError("the file has gone")

    told: list[trillet.Result] = []
    with pytest.raises(OSError, match="the file has gone"):
        told.extend(client.map("POST /echo", broken()))
    assert [result.ok for result in told] == [True, True, True]
    assert len(server.requests) == 3


def test_no_requests_have_no_results(client: trillet.Trillet, server: RecordingServer) -> None:
    assert list(client.map("POST /echo", [])) == []
    assert server.requests == []


def test_nothing_is_sent_before_the_first_result_is_asked_for(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    results = client.map("POST /echo", numbered(3))
    assert client.call("GET /first").status == 200
    assert [request.path for request in server.requests] == ["/first"]
    assert len(list(results)) == 3


def test_maps_run_at_the_same_time_on_one_client(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    echo(server)

    def run(offset: int) -> list[int]:
        requests = ({"number": offset + number} for number in range(100))
        return [result.data["number"] for result in client.map("POST /echo", requests)]

    with ThreadPoolExecutor(4) as pool:
        for offset, numbers in zip((0, 1000, 2000, 3000), pool.map(run, (0, 1000, 2000, 3000))):
            assert numbers == list(range(offset, offset + 100))


def test_maps_are_nested_in_one_thread(client: trillet.Trillet, server: RecordingServer) -> None:
    echo(server)
    seen = []
    for outer in client.map("POST /outer", numbered(5), max_in_flight=2):
        inner = client.map("POST /inner", numbered(3), max_in_flight=2)
        seen.append((outer.data["number"], [result.data["number"] for result in inner]))
    assert seen == [(number, [0, 1, 2]) for number in range(5)]


def test_other_python_threads_run_while_a_map_waits(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    release = threading.Event()
    server.script(held(release, json_answer({})))
    with ThreadPoolExecutor(1) as pool:
        whole = pool.submit(list, client.map("POST /echo", numbered(1)))
        server.wait_for(1)
        assert client.call("GET /quick").status == 200
        release.set()
        assert len(whole.result(10)) == 1


def test_closing_the_client_ends_a_map_with_what_became_of_each(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    server.script(*[silence() for _ in range(4)])
    told: list[trillet.Result] = []

    def run() -> None:
        told.extend(client.map("POST /echo", numbered(100), max_in_flight=4))

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run)
        server.wait_for(4)
        assert client.close(0) is False
        assert isinstance(running.exception(10), trillet.ClientClosedError)
    kinds = [type(result.error) for result in told]
    assert kinds[:4] == [trillet.RequestCancelledError] * 4
    assert set(kinds[4:]) <= {trillet.ClientClosedError}
    assert [result.index for result in told] == list(range(len(told)))


def test_a_closed_client_maps_nothing(client: trillet.Trillet) -> None:
    client.close()
    with pytest.raises(trillet.ClientClosedError):
        client.map("POST /echo", numbered(1))


@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_map_in_a_forked_child_is_refused(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    results = client.map("POST /echo", numbered(100), max_in_flight=4)
    assert next(results).ok

    def begin() -> str:
        try:
            return str(list(client.map("POST /echo", numbered(1))))
        except trillet.ForkedError as error:
            return error.type

    def go_on() -> str:
        try:
            return str(list(results))
        except trillet.ForkedError as error:
            return error.type

    assert in_a_child(begin) == "forked"
    assert in_a_child(go_on) == "forked"
    assert len(list(results)) == 99
    assert len(server.requests) == 100


def test_ctrl_c_ends_a_map_soon(client: trillet.Trillet, server: RecordingServer) -> None:
    server.script(*[silence() for _ in range(4)])

    def interrupt() -> None:
        server.wait_for(4)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    interrupting = threading.Thread(target=interrupt)
    interrupting.start()
    with pytest.raises(KeyboardInterrupt):
        list(client.map("POST /echo", numbered(4), max_in_flight=4))
    interrupting.join(10)
    assert client.call("GET /afterwards").status == 200


def test_options_hold_for_each_request(client: trillet.Trillet, server: RecordingServer) -> None:
    options: trillet.RequestOptions = {"traceparent": "00-0af7-b7ad-01", "headers": {"X-Run": "7"}}
    assert all(result.ok for result in client.map("POST /echo", numbered(3), options=options))
    assert [r.headers["traceparent"] for r in server.requests] == ["00-0af7-b7ad-01"] * 3
    assert [r.headers["x-run"] for r in server.requests] == ["7"] * 3


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"max_in_flight": 0}, ValueError, "at least 1"),
        ({"max_in_flight": "8"}, TypeError, "max_in_flight is '8'"),
        ({"max_in_flight": True}, TypeError, "max_in_flight is True"),
        ({"options": {"retries": 1}}, ValueError, "'retries' is no request option"),
        ({"requests": 7}, TypeError, "not iterable"),
        ({"operation": None}, TypeError, "operation is of type NoneType"),
        ({"operation": "a\0b"}, ValueError, "NUL"),
    ],
)
def test_a_wrong_argument_is_told_before_anything_is_sent(
    client: trillet.Trillet, arguments: dict[str, Any], kind: type[Exception], message: str
) -> None:
    given: dict[str, Any] = {"operation": "POST /echo", "requests": numbered(1), **arguments}
    with pytest.raises(kind, match=message):
        client.map(**given)


def test_with_a_rate_no_request_waits_longer_than_its_timeout(
    connect: Callable[..., trillet.Trillet], server: RecordingServer
) -> None:
    client = connect(requests_per_minute=600, timeout_ms=2000)
    results = list(client.map("POST /echo", numbered(25)))
    assert [result.error for result in results if not result.ok] == []
    assert len(server.requests) == 25


NO_MEMORY = (
    b'[{"id":0,"ok":false,"status":0,"error":{"type":"internal","message":"no memory",'
    b'"sent":"no","retryable":true},"meta":{"operation":"client.next","attempts":0}}]'
)


def starve(desk: Any) -> None:
    """Lets the library be short of memory when it is asked for answers for the first time."""
    fetched = desk._fetched
    fetch, free, asked = fetched._next, fetched._free, count()
    no_memory = SimpleNamespace(value=NO_MEMORY)
    fetched._next = lambda *arguments: fetch(*arguments) if next(asked) else no_memory
    fetched._free = lambda owned: None if owned is no_memory else free(owned)


def test_no_answer_is_lost_for_lack_of_memory(
    client: trillet.Trillet, server: RecordingServer
) -> None:
    echo(server)
    results = client.map("POST /echo", numbered(20))
    starve(results._desk)
    assert [result.data["number"] for result in results] == list(range(20))
