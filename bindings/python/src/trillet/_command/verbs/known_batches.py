"""``trillet batch list``: the batches that were started here, and how they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..answers.printer import Printer, add_output_arguments
from ..clients import client_of_command, settings_of_command
from ..started_batches import remembered
from .parser import count_of

if TYPE_CHECKING:
    import argparse

    from ... import Trillet

_COLUMNS = ("batchId", "status", "file", "rows", "agentId", "startedAt", "scheduledAt")
_SUMMARY = "list the batches that this command has started on this machine"


def add_list(verbs: Any) -> None:
    """Adds the command."""
    parser = verbs.add_parser(
        "list",
        help=_SUMMARY,
        description=f"{_SUMMARY.capitalize()}. The service has no list of batches, and its call "
        "history does not tell of which batch a call is: what was started elsewhere is shown by "
        "'trillet batch show ID' alone, and its calls by 'trillet calls list --batch ID'.",
    )
    parser.add_argument(
        "--limit", type=count_of, default=20, metavar="N", help="the most to list (20)"
    )
    parser.add_argument("--all", action="store_true", help="list all that are remembered")
    add_output_arguments(parser.add_argument_group("output"))
    parser.show_examples("trillet batch list --limit 5")
    parser.set_defaults(run=_run, acts=False, starts_batch=False)


def _run(given: argparse.Namespace) -> int:
    printer = Printer(given, _COLUMNS)
    settings = settings_of_command()
    # An id of another service, or of another workspace, means nothing here.
    batches = [
        batch
        for batch in remembered()
        if (batch.get("url"), batch.get("workspaceId")) == (settings.url, settings.workspace.value)
    ]
    with client_of_command() as client:
        known = _with_status(client, batches if given.all else batches[: given.limit])
    printer.items(known)
    return 0


def _with_status(client: Trillet, batches: list[dict[str, Any]]) -> list[dict[str, Any]]:
    requests = [{"batchId": batch["batchId"]} for batch in batches]
    found = []
    for batch, result in zip(batches, client.map("batch_calls.get", requests)):
        if result.error is None:
            status = result.data.get("status") if isinstance(result.data, dict) else None
            found.append({**batch, "status": status})
        elif result.error.type in ("authentication", "permission", "configuration"):
            raise result.error
        # One of a sandbox that has forgotten it.
        elif result.error.type != "not_found":
            found.append({**batch, "status": None})
    return found
