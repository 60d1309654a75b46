"""Options that mean the same in every command."""

from __future__ import annotations

from commanding import parsers
from trillet._command.output import key_values


def test_each_command_that_has_output_json_has_it_as_json_too() -> None:
    outputs = [(name, set(parser._option_string_actions)) for name, parser in parsers()]
    assert len(outputs) > 50
    assert [
        name for name, options in outputs if "--output" in options and "--json" not in options
    ] == []


def test_a_member_that_is_true_is_printed_as_in_json() -> None:
    assert key_values({"isComplete": True, "waiting": 0}) == "isComplete: true\nwaiting: 0"
