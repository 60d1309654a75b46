"""Calls every number of a CSV file: check it, start the batch, follow it, list what failed.

Run with TRILLET_API_KEY and TRILLET_WORKSPACE_ID set; TRILLET_BASE_URL points it at another
service, such as the sandbox. Without an argument it calls examples/contacts.csv.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import trillet

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTACTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "contacts.csv")
PROMPT = "Greet {first_name}, mention the {plan} plan and confirm the renewal date."
BAR_WIDTH = 32

on_terminal = sys.stdout.isatty() and "NO_COLOR" not in os.environ


def coloured(text: str, colour: int) -> str:
    return f"\033[{colour}m{text}\033[0m" if on_terminal else text


def green(text: str) -> str:
    return coloured(text, 32)


def red(text: str) -> str:
    return coloured(text, 31)


def dim(text: str) -> str:
    return coloured(text, 2)


def done(what: str, name: str, identifier: str = "") -> None:
    print(f"  {green('✓')} {what:<9} {name:<28} {dim(identifier)}".rstrip())


def main() -> int:
    contacts = sys.argv[1] if len(sys.argv) > 1 else CONTACTS
    print(f"Batch calls from Python {dim('· libtrillet ' + trillet.version())}\n")
    try:
        with trillet.Trillet() as client:
            if not check(client, contacts):
                return 1
            with ready_agent(client) as agent_id:
                run_to_the_end(client, agent_id, contacts)
                cancel_on_the_way(client, agent_id, contacts)
    except trillet.TrilletError as error:
        sys.stdout.flush()
        print(f"\n{red('✗')} {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 1
    return 0


def check(client: trillet.Trillet, contacts: str) -> bool:
    report = client.batch_calls.validate(file=contacts)
    name = os.path.basename(contacts)
    if report["valid"]:
        done("contacts", name, f"{report['totalRows']} rows, all of them callable")
        return True
    print(f"{red('✗')} {name} cannot be called:")
    for problem in report["errors"]:
        print(f"    row {problem['row']}: {problem['message']}: {problem['value']!r}")
    return False


@contextmanager
def ready_agent(client: trillet.Trillet) -> Iterator[str]:
    """An agent with a number and an active flow, deleted again in the end."""
    number = free_number(client)
    agent = client.agents.create(
        name="Renewal desk",
        tts_model={"provider": "rime", "voiceId": "mistv2_Brook", "language": "en"},
        llm_model="gpt-4o-mini",
        phone_number_ids=[number] if number else None,
    )
    try:
        done("agent", agent["name"], agent["_id"])
        flow = client.flows.create(
            name="Renewal reminder",
            direction="outbound",
            prompt_type="simple",
            agent=agent["_id"],
            prompt=PROMPT,
        )
        try:
            done("flow", flow["name"], flow["_id"])
            yield agent["_id"]
        finally:
            client.flows.delete(flow["_id"])
    finally:
        client.agents.delete(agent["_id"])


def free_number(client: trillet.Trillet) -> str | None:
    """A phone number of the account that no agent uses yet."""
    numbers = client.call("GET /v1/api/twilio/user-phone-numbers").data
    return next((number["_id"] for number in numbers if not number.get("agentId")), None)


def run_to_the_end(client: trillet.Trillet, agent_id: str, contacts: str) -> None:
    batch = client.batch_calls.start(agent_id=agent_id, file=contacts)
    print(f"\nBatch {batch['batchId']}: {batch['totalCalls']} calls")
    started = time.monotonic()
    tenths = -1
    for progress in followed(client, batch["batchId"]):
        if on_terminal or tenths != 10 * ended(progress) // progress["total"]:
            tenths = 10 * ended(progress) // progress["total"]
            show(progress)
    seconds = time.monotonic() - started
    average = progress["averageCallDuration"]
    print(f"  finished in {seconds:.1f} s; a call took {average:.0f} s on average")
    list_failed(client, batch["batchId"])


def followed(client: trillet.Trillet, batch_id: str) -> Iterator[Any]:
    """The progress of a batch, again and again until it is complete.

    Asks often at first and more seldom the longer the batch runs, so that a long one stays well
    below the 60 requests a minute that the service allows. Whoever interrupts it does not want
    the phones to go on ringing: the batch is cancelled.
    """
    started = time.monotonic()
    try:
        while True:
            try:
                progress = client.batch_calls.progress(batch_id)
            except trillet.RateLimitedError as error:
                time.sleep((error.retry_after_ms or 5000) / 1000)
                continue
            yield progress
            if progress["isComplete"]:
                return
            time.sleep(min(5.0, max(0.25, (time.monotonic() - started) / 10)))
    except KeyboardInterrupt:
        client.batch_calls.cancel(batch_id)
        raise


def ended(progress: Any) -> int:
    calls: int = progress["completed"] + progress["failed"]
    return calls


def show(progress: Any) -> None:
    """Draws the progress over the line before; elsewhere than on a terminal, line by line."""
    share = ended(progress) / progress["total"]
    filled = int(BAR_WIDTH * share)
    bar = green("█" * filled) + dim("░" * (BAR_WIDTH - filled))
    counts = (
        f"{progress['completed']:>3} completed {progress['failed']:>3} failed "
        f"{progress['active']:>3} active {progress['waiting']:>3} waiting"
    )
    line = f"  {bar} {share:>5.0%}  {counts}"
    if on_terminal:
        print(f"\r{line}\033[K", end="\n" if progress["isComplete"] else "", flush=True)
    else:
        print(line, flush=True)


def list_failed(client: trillet.Trillet, batch_id: str) -> None:
    failed = list(failed_calls(client, batch_id))
    print(f"\nCalls that failed: {len(failed)}")
    for call in failed:
        person = call.get("metadata", {})
        name = f"{person.get('first_name', '')} {person.get('last_name', '')}".strip()
        print(f"  {red('✗')} {call['phone_number']:<14} {name:<22} {call.get('error', '')}")


def failed_calls(client: trillet.Trillet, batch_id: str) -> Iterator[Any]:
    page = 1
    while True:
        answer = client.batch_calls.list_calls(batch_id, status="failed", page=page, limit=100)
        yield from answer["calls"]
        if not answer["pagination"]["hasNext"]:
            return
        page += 1


def cancel_on_the_way(client: trillet.Trillet, agent_id: str, contacts: str) -> None:
    batch = client.batch_calls.start(agent_id=agent_id, file=contacts)
    print(f"\nBatch {batch['batchId']}: {batch['totalCalls']} calls, to be cancelled on the way")
    for progress in followed(client, batch["batchId"]):
        if ended(progress) >= progress["total"] // 10:
            break
    cancelled = client.batch_calls.cancel(batch["batchId"])
    details = cancelled["details"]
    print(
        f"  {green('✓')} {cancelled['status']}: {details['completedCalls']} calls were completed, "
        f"{details['failedCalls']} had failed, {details['cancelledCalls']} were called off"
    )


if __name__ == "__main__":
    sys.exit(main())
