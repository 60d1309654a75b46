"""The JSON Schema of a tool's arguments, from the fields of an operation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..._core.secret_naming import is_secret
from ..verbs.table import RECORDS
from .access import READ, kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..verbs.described import Field, Operation
    from .access import Access

# What a model does not decide: how often a batch calls again.
_WITHHELD = {"batch_calls.start": {"smartCallbackConfig"}}
LONGEST = 200_000
MAX_CHARACTERS = "maxCharacters"
_MAX_CHARACTERS = {
    "type": "integer",
    "minimum": 1_000,
    "maximum": LONGEST,
    "description": "How long the answer may be; what is longer is cut. Default 20000.",
}


def schema_of(operation: Operation, access: Access) -> dict[str, Any]:
    withheld = _WITHHELD.get(operation.id, set())
    places = {"file"} if access.files is None else set()
    fields = [
        field
        for field in operation.fields
        if field.name not in withheld and field.place not in places
    ]
    schema = _object(fields)
    if kind_of(operation) == READ:
        schema["properties"][MAX_CHARACTERS] = _MAX_CHARACTERS
    return schema


def _object(fields: Sequence[Field]) -> dict[str, Any]:
    known = [field for field in fields if not is_secret(field.name)]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {field.name: _property(field) for field in known},
        "additionalProperties": False,
    }
    required = [field.name for field in known if field.is_required]
    if required:
        schema["required"] = required
    return schema


def _property(field: Field) -> dict[str, Any]:
    found = _typed(field.type)
    if field.choices:
        found["enum"] = list(field.choices)
    if field.description:
        found["description"] = field.description
    if field.example:
        found["examples"] = [json.loads(field.example)]
    return found


def _typed(kind: str) -> dict[str, Any]:
    if "|" in kind:
        return {"anyOf": [_typed(each) for each in kind.split("|")]}
    head, _, rest = kind.partition(":")
    if head == "nullable":
        return {"anyOf": [_typed(rest), {"type": "null"}]}
    if head == "list":
        return {"type": "array", "items": _typed(rest)}
    if head == "record":
        # Further members are the library's to judge: it knows which objects are open.
        return {**_object(RECORDS[rest]), "additionalProperties": True}
    if head == "map":
        return {"type": "object"}
    return {} if head == "any" else {"type": head}
