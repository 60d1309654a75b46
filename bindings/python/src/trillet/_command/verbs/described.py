"""What the generated table says of an operation."""

from __future__ import annotations

from typing import NamedTuple


class Field(NamedTuple):
    """A field of a request, or a member of an object within one."""

    name: str
    # path, query, body, file, text, name, download; of an object's members: member.
    place: str
    # string, integer, number, boolean, any, map; record:NAME, list:TYPE, nullable:TYPE, TYPE|TYPE.
    type: str
    is_required: bool
    choices: tuple[str, ...]
    description: str
    # JSON text; empty where the description has none.
    example: str

    @property
    def plain_type(self) -> str:
        """The type without a word on null."""
        return self.type.removeprefix("nullable:")

    @property
    def record(self) -> str:
        """The object that it is; empty for others."""
        first = self.plain_type.partition("|")[0]
        return first.partition(":")[2] if first.startswith("record:") else ""

    @property
    def is_list(self) -> bool:
        return self.plain_type.startswith("list:")


class Operation(NamedTuple):
    """An operation of the API."""

    id: str
    summary: str
    description: str
    method: str
    # The member of a page that has the items; empty where nothing is listed page by page.
    list_member: str
    # json, text or binary.
    answer: str
    look_for: str
    can_merge: bool
    # Of what is listed, the members that fit into a cell.
    columns: tuple[str, ...]
    fields: tuple[Field, ...]

    @property
    def resource(self) -> str:
        return self.id.partition(".")[0]

    @property
    def method_name(self) -> str:
        return self.id.partition(".")[2]

    @property
    def lists(self) -> bool:
        """Whether its answer is a list, in pages or whole."""
        return bool(self.list_member or self.columns) or self.id == "numbers.available"
