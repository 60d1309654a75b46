"""An example of each verb, from the examples of the description."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from ..._core.secret_naming import is_secret
from .table import RECORDS
from .words import flags, resource_word, verb_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .described import Field, Operation

# A list is shown with what it is looked through for.
_OF_LISTS = {
    "calls.history": "--agent 5d1c0a77e2b94f0013ab6c21 --status completed --since 1h",
    "batch_calls.list_calls": "--status failed --output csv",
}


def example(operation: Operation) -> str:
    """The command with everything that it needs, and what is typed most."""
    words = ["trillet", resource_word(operation.resource), verb_word(operation)]
    for field in operation.fields:
        if field.place == "path":
            words.append(shlex.quote(json.loads(field.example)))
        elif field.place == "file":
            is_contacts = operation.resource == "batch_calls"
            words.append("contacts.csv" if is_contacts else _file(operation))
        elif field.place == "download":
            words.append("--file recording.mp3")
    if _secrets_needed(operation):
        words.append("--data number.json")
    else:
        words += _fields(operation)
    if operation.list_member:
        words.append(_OF_LISTS.get(operation.id, "--limit 50"))
    elif operation.id == "batch_calls.template":
        words.append("--file contacts.csv")
    elif operation.id == "calls.export":
        words.append("--file history.csv")
    return " ".join(words)


def _file(operation: Operation) -> str:
    return "reading.wav" if operation.resource == "voices" else "prices.pdf"


def _secrets_needed(operation: Operation) -> bool:
    return any(field.is_required and is_secret(field.name) for field in operation.fields)


def _fields(operation: Operation) -> Iterator[str]:
    body = [field for field in operation.fields if field.place in ("body", "query")]
    needed = [field for field in body if field.is_required]
    usual = [field for field in body if not operation.list_member and not field.is_required]
    for field in needed or usual[:1]:
        yield from _field(field, (field.name,))


def _field(field: Field, path: tuple[str, ...]) -> Iterator[str]:
    if field.record and not field.example:
        members = [each for each in RECORDS[field.record] if each.is_required]
        for member in members or RECORDS[field.record][:1]:
            yield from _field(member, (*path, member.name))
    elif field.example:
        value = json.loads(field.example)
        text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
        yield f"{flags(path)[0]} {shlex.quote(text)}"
