"""Adds the resources of the API to the commands, each with its verbs."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any

from .resources import RESOURCES
from .words import further_verbs, resource_word, verb_word

if TYPE_CHECKING:
    from collections.abc import Collection

    from .described import Operation

# The description says what they are; here stands what to do with them.
_SUMMARIES = {
    "agents": "create, change and delete the voices that speak",
    "flows": "create, change and delete what agents say and do",
    "calls": "list calls, follow them, get what was said and recorded",
    "batch_calls": "start a batch, follow it, cancel it, get its results",
    "web_calls": "connect a browser to an agent; no phone rings",
    "numbers": "buy phone numbers, bind them, give them back",
    "knowledge_bases": "keep files and text that flows can draw on",
    "message_agents": "create and change those who write SMS or emails",
    "message_flows": "create what message agents write",
    "conversations": "write messages, and approve or drop them",
    "folders": "group flows on the dashboard",
    "workspaces": "show workspaces, invite to one",
    "voices": "make voices of your own",
}
_HELP_WIDTH = 78


def add_verbs(commands: Any, wanted: Collection[str] | None) -> None:
    """Adds all resources. Only those that are wanted get their verbs: their table is long.

    Args:
        commands: Where they are added.
        wanted: The words on the command line; None for all.
    """
    for resource, text in RESOURCES.items():
        name = resource_word(resource)
        parser = commands.add_parser(name, help=_summary(resource, text))
        if wanted is None or name in wanted:
            _fill(parser, resource, text)


def _summary(resource: str, text: str) -> str:
    """The first sentence, as the list of commands has it."""
    own = _SUMMARIES.get(resource)
    return own or re.split(r"[.:;] ", text)[0].rstrip(".").replace("%", "%%")


def _imperative(summary: str) -> str:
    """ "Lists the calls, one page at a time." is "list the calls"."""
    words = summary.rstrip(".").replace(", one page at a time", "").split(", ")
    told = ", ".join(re.sub(r"^([A-Za-z]+)s\b", r"\1", each) for each in words)
    return told[:1].lower() + told[1:].replace("%", "%%").replace(" or drops it", " or drop it")


def _fill(parser: Any, resource: str, text: str) -> None:
    from .by_hand import BY_HAND
    from .table import OPERATIONS

    parser.description = textwrap.fill(text.replace("`", ""), _HELP_WIDTH)
    verbs = parser.add_subparsers(metavar="COMMAND", required=True)
    for add in BY_HAND.get(resource, ()):
        add(verbs)
    for operation in OPERATIONS:
        if operation.resource == resource and verb_word(operation) not in verbs.choices:
            _add_verb(verbs, operation)
    examples = [each.examples[0] for each in verbs.choices.values() if each.examples]
    parser.show_examples(*dict.fromkeys(examples[:2]))


def _add_verb(verbs: Any, operation: Operation) -> None:
    from .parser import VerbParser, fill_verb
    from .running import run_verb

    before, verbs._parser_class = verbs._parser_class, VerbParser
    description = f"{operation.summary} {operation.description}".replace("`", "").strip()
    description = description.replace(", one page at a time", "")
    parser: VerbParser = verbs.add_parser(
        verb_word(operation),
        aliases=further_verbs(operation),
        help=_imperative(operation.summary),
        description=description.replace("%", "%%"),
    )
    verbs._parser_class = before
    fill_verb(parser, operation)
    parser.set_defaults(
        run=run_verb,
        acts=operation.method != "GET",
        starts_batch=False,
        verb=operation,
    )
