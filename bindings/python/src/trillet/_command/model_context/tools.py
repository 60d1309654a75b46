"""The tools: one for each operation that is allowed, and those that the library adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .access import CALL, DELETE, PURCHASE, READ, kind_of
from .schema import MAX_CHARACTERS, schema_of

if TYPE_CHECKING:
    from ..verbs.described import Operation
    from .access import Access


class Tool(NamedTuple):
    name: str
    # The operation, or the name of the library's own.
    id: str
    kind: int
    description: str
    schema: dict[str, Any]
    hints: dict[str, bool]
    pages: bool = False


_ADVICE = {
    CALL: " It reaches a person's phone; the number must be on the server's list. After an error "
    'with sent "maybe" never repeat it: use calls_find.',
    PURCHASE: " It costs or gives up money; a person is asked before.",
}
_NUMBER = {"type": "string", "description": "E.164, for example +12025550164."}


def tools_of(access: Access) -> dict[str, Tool]:
    tools = [_tool(operation, access) for operation in access.operations()]
    tools += _own(access)
    return {tool.name: tool for tool in tools}


def _tool(operation: Operation, access: Access) -> Tool:
    kind = kind_of(operation)
    text = f"{operation.summary} {operation.description}".strip()
    return Tool(
        operation.id.replace(".", "_"),
        operation.id,
        kind,
        text + _ADVICE.get(kind, ""),
        schema_of(operation, access),
        _hints(kind, operation.method),
        any(field.name == "page" for field in operation.fields),
    )


def _hints(kind: int, method: str) -> dict[str, bool]:
    return {
        "readOnlyHint": kind == READ,
        "destructiveHint": kind in (DELETE, CALL, PURCHASE) or method == "PUT",
        "idempotentHint": kind == READ or method in ("PUT", "DELETE"),
        "openWorldHint": kind == CALL,
    }


def _own(access: Access) -> list[Tool]:
    source: dict[str, Any] = {"csv": {"type": "string", "description": "The text of the file."}}
    if access.files is not None:
        source["file"] = {"type": "string", "description": "A file of the server's folder."}
    hints = _hints(READ, "GET")
    return [
        Tool(
            "calls_find",
            "calls.find",
            READ,
            'Says whether a phone rang, after an error with sent "maybe". Only found "no" means '
            "that it did not. It can take minutes.",
            _object(
                ("agentId", "toNumber", "since"),
                agentId={"type": "string"},
                toNumber=_NUMBER,
                since={"type": "string", "description": "Before the request, ISO 8601."},
            ),
            hints,
        ),
        Tool(
            "calls_wait",
            "calls.wait",
            READ,
            "Follows a call to its end and answers how it ended, with the transcript.",
            _object(
                ("callId",),
                callId={"type": "string", "description": "What calls_send answered."},
                deadlineSeconds={"type": "integer", "minimum": 1, "maximum": 3600},
            ),
            hints,
        ),
        Tool(
            "contacts_check",
            "contacts.check",
            READ,
            "Checks a contact file on this machine: nothing is sent.",
            _object((), prompt={"type": "string"}, defaultCountry={"type": "string"}, **source),
            hints,
        ),
    ]


def _object(required: tuple[str, ...], **properties: dict[str, Any]) -> dict[str, Any]:
    size = {"type": "integer", "description": "How long the answer may be. Default 20000."}
    return {
        "type": "object",
        "properties": {**properties, MAX_CHARACTERS: size},
        "required": list(required),
        "additionalProperties": False,
    }
