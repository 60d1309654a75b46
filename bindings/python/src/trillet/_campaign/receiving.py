"""What webhooks say of calls, in whatever order and however often they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._model.call_outcome import outcome_of
from . import results
from .context import note
from .endings import Ending, ended
from .intents import Intent
from .kin import kin
from .leases import end_if_over
from .records import VOICEMAIL
from .repeating import repeated
from .tally import OPEN_STATES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .._webhooks.event import Event
    from .context import Context
    from .database import Row

TOKEN = "trilletToken"


def receive(context: Context, event: Event) -> bool:
    """Whether the event is of a call of the account's campaigns."""
    token = _token_of(event)
    found = _attempt(context, event.call_id, token)
    if found is None:
        return False
    contact, n, campaign, phone, state = found
    own = kin(context, campaign)
    if own is None:
        return False
    if state not in OPEN_STATES:
        _rang_after_all(own, found, event)
        return True
    if event.call_id is not None:
        intent = Intent(contact, n, phone, token or "", {})
        results.accepted(own, intent, event.call_id, {"boundByWebhook": dict(event.raw)})
    ending = _ending_of(event)
    # Of a budget of money only a known price may be given back: the history has it.
    if ending is not None and (ending.cost is not None or own.policy.most_cost is None):
        ended(own, [(contact, n, ending)])
        end_if_over(own)
    return True


def _attempt(context: Context, call_id: str | None, token: str | None) -> Row | None:
    columns = "SELECT contact, n, campaign, phone, state FROM attempt WHERE account = ? AND "
    with context.database.read() as transaction:
        for name, value in (("token", token), ("call_id", call_id)):
            if value is None:
                continue
            found = transaction.row(f"{columns}{name} = ?", context.account, value)
            if found is not None:
                return found
    return None


@repeated
def _rang_after_all(context: Context, attempt: Row, event: Event) -> None:
    """The ledger says that this was not sent, a person perhaps: whoever would be called again by
    mistake is held."""
    contact, n, campaign, _, state = attempt
    if state == "ended":
        return
    with context.database.write() as transaction:
        rang = (
            "UPDATE attempt SET state = 'ended', sent = 'yes'"
            " WHERE contact = ? AND n = ? AND state = ?"
        )
        transaction.run(rang, contact, n, "refused")
        # What was not sent did not count as an attempt.
        unsent = transaction.run(rang, contact, n, "unsent")
        transaction.run("UPDATE contact SET attempts = attempts + ? WHERE id = ?", unsent, contact)
        held = transaction.run(
            "UPDATE contact SET state = 'held', disposition = 'called_before',"
            " lease_by = NULL, lease_until = NULL WHERE id = ? AND state IN ('ready', 'leased')",
            contact,
        )
        if held:
            reason = f"a webhook says that it rang: {event.call_id}"
            note(transaction, campaign, "held", contact, reason=reason)


def _ending_of(event: Event) -> Ending | None:
    if not event.is_end:
        return None
    is_failed = event.type == "call.failed"
    # What failed is more telling than that it did: "busy" is called again sooner.
    error = next((each.get("error") for each in _places(event) if each.get("error")), None)
    disposition = outcome_of({"status": str(error).replace(" ", "-")}) if is_failed else None
    disposition = disposition or ("failed" if is_failed else "completed")
    if any(_is_machine(each) for each in _places(event)):
        disposition = VOICEMAIL
    return Ending(
        disposition, duration=_figure(event, "duration"), cost=_figure(event, "cost"), record=None
    )


def _is_machine(place: Mapping[str, Any]) -> bool:
    return place.get("answered_by_voicemail") is True or place.get("status") == VOICEMAIL


def _figure(event: Event, name: str) -> float | None:
    for place in _places(event):
        found = place.get(name)
        if isinstance(found, (int, float)) and not isinstance(found, bool):
            return float(found)
    return None


def _token_of(event: Event) -> str | None:
    for place in _places(event):
        found = place.get(TOKEN)
        if isinstance(found, str) and found:
            return found
    return None


def _places(event: Event) -> Iterator[Mapping[str, Any]]:
    """Where the service's forms of a webhook have what they say of a call."""
    for place in (event.data, event.raw):
        yield place
        for name in ("metadata", "call_metadata", "conversation_data", "analyzedData"):
            inner = place.get(name)
            if isinstance(inner, dict):
                yield inner
                metadata = inner.get("metadata")
                if isinstance(metadata, dict):
                    yield metadata
