"""Calls every number of a CSV file: check it, start the batch, wait for it, keep the results.

Run with TRILLET_API_KEY and TRILLET_WORKSPACE_ID set; TRILLET_BASE_URL points it at another
service, such as the sandbox. Without an argument it calls examples/contacts.csv.
"""

from __future__ import annotations

import os
import sys
import tempfile
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
            check(contacts)
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


def check(contacts: str) -> None:
    """Raises the list of what is wrong with the file, if anything is; nobody has been called."""
    report = trillet.check_csv(contacts, prompt=PROMPT).raise_for_problems()
    done("contacts", report.name, f"{report.accepted} rows, all of them callable")


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
    batch_id = batch["batchId"]
    print(f"\nBatch {batch_id}: {batch['totalCalls']} calls")
    with cancelled_if_interrupted(client, batch_id):
        end = client.batch_calls.wait(batch_id, progress=Bar(), min_interval_ms=250)
    seconds = end["elapsedMs"] / 1000
    average = end["averageCallDuration"] or 0
    print(f"  {end['state']} after {seconds:.1f} s; a call took {average:.0f} s on average")
    keep_results(client, batch_id)


@contextmanager
def cancelled_if_interrupted(client: trillet.Trillet, batch_id: str) -> Iterator[None]:
    """Whoever interrupts the demo does not want the phones to go on ringing."""
    try:
        yield
    except KeyboardInterrupt:
        client.batch_calls.cancel(batch_id)
        raise


class Bar:
    """Draws the progress over the line before; elsewhere than on a terminal, for each tenth."""

    def __init__(self) -> None:
        self._tenths = -1

    def __call__(self, update: trillet.BatchProgressUpdate) -> None:
        total = update["total"] or 1
        ended = (update["completed"] or 0) + (update["failed"] or 0)
        share = ended / total
        filled = int(BAR_WIDTH * share)
        bar = green("█" * filled) + dim("░" * (BAR_WIDTH - filled))
        counts = "".join(
            f" {update[name] or 0:>3} {name}"
            for name in ("completed", "failed", "active", "waiting")
        )
        line = f"  {bar} {share:>5.0%} {counts}"
        if on_terminal:
            is_last = update["isComplete"]
            print(f"\r{line}\033[K", end="\n" if is_last else "", flush=True)
        elif 10 * ended // total != self._tenths:
            print(line, flush=True)
        self._tenths = 10 * ended // total


def keep_results(client: trillet.Trillet, batch_id: str) -> None:
    """Writes the outcome of every call to a file, and lists the calls that failed."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "results.csv")
        end = client.batch_calls.results(batch_id, path)
        print(f"  {green('✓')} results of {end['inFile']} calls, {os.path.getsize(path)} bytes")
    failed = list(client.batch_calls.results(batch_id, status="failed"))
    print(f"\nCalls that failed: {len(failed)}")
    for call in failed:
        person: dict[str, Any] = dict(call.get("metadata") or {})
        name = f"{person.get('first_name', '')} {person.get('last_name', '')}".strip()
        print(f"  {red('✗')} {call['phone_number']:<14} {name:<22} {call.get('error', '')}")


def cancel_on_the_way(client: trillet.Trillet, agent_id: str, contacts: str) -> None:
    batch = client.batch_calls.start(agent_id=agent_id, file=contacts)
    print(f"\nBatch {batch['batchId']}: {batch['totalCalls']} calls, to be cancelled on the way")

    def a_tenth_has_ended(update: trillet.BatchProgressUpdate) -> bool:
        ended = (update["completed"] or 0) + (update["failed"] or 0)
        return ended >= batch["totalCalls"] // 10

    with cancelled_if_interrupted(client, batch["batchId"]):
        client.batch_calls.wait(
            batch["batchId"], progress=a_tenth_has_ended, min_interval_ms=250, max_interval_ms=1000
        )
    cancelled = client.batch_calls.cancel(batch["batchId"])
    details = cancelled["details"]
    print(
        f"  {green('✓')} {cancelled['status']}: {details['completedCalls']} calls were completed, "
        f"{details['failedCalls']} had failed, {details['cancelledCalls']} were called off"
    )


if __name__ == "__main__":
    sys.exit(main())
