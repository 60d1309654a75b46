"""The commands ``trillet pull``, ``plan`` and ``apply``: agents as code."""

from __future__ import annotations

import os
import pathlib
from typing import TYPE_CHECKING, Any

from .. import ConfigurationError, InvalidArgumentError
from .._core.status_line import StatusLine, printable
from .adding import add_command
from .asking import can_ask, go_on
from .clients import client_of_command, settings_of_command, use_profile
from .failures import DONE, PROBLEMS, complain, status_of
from .output import show
from .profiles.settings import KEY, PROFILE, URL, origin_of, shown_url

if TYPE_CHECKING:
    import argparse

    from .. import Trillet
    from .._code.applying import Applied
    from .._code.planning import Plan
    from .._code.session import Session


def add_pull(commands: Any) -> None:
    parser = add_command(
        commands,
        "pull",
        run_pull,
        "write a workspace into a folder, as files",
        example="trillet pull my-agents",
    )
    parser.add_argument("folder", metavar="DIR", help="the folder; made if it is not there")
    parser.add_argument(
        "--force",
        action="store_true",
        help="take the service's values also where files have changes that were not applied",
    )
    _add_shared(parser)


def add_plan(commands: Any) -> None:
    parser = add_command(
        commands,
        "plan",
        run_plan,
        "show what apply would change in a workspace, and what not",
        example="trillet plan my-agents --workspace production --exit-code",
    )
    _add_folder(parser)
    _add_scope(parser)
    parser.add_argument(
        "--exit-code", action="store_true", help="end with 1 if there is something to change"
    )
    _add_shared(parser)


def add_apply(commands: Any) -> None:
    parser = add_command(
        commands,
        "apply",
        run_apply,
        "make a workspace what a folder says",
        acts=True,
        example="trillet apply my-agents --workspace production",
    )
    _add_folder(parser)
    _add_scope(parser)
    parser.add_argument("--yes", "-y", action="store_true", help="do it without a question")
    parser.add_argument(
        "--settle",
        type=float,
        metavar="SECONDS",
        help="how late the service may carry out what it was sent: so long a lost create is waited "
        "for before it is looked for (30)",
    )
    _add_shared(parser)


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", metavar="DIR", nargs="?", default=".", help="the folder; default this one"
    )


def _add_scope(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--prune", action="store_true", help="delete what has no file any more")
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="replace what was changed on the service since the last apply",
    )


def _add_shared(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workspace", metavar="NAME", help="the workspace of trillet.yaml, if it has several"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


class _Told:
    """What is going on, on standard error: on a terminal one line."""

    def __init__(self, is_quiet: bool) -> None:
        self._is_quiet = is_quiet
        self._line = StatusLine()

    def __call__(self, text: str) -> None:
        if not self._is_quiet:
            self._line.show(printable(text), text)

    def close(self) -> None:
        self._line.close()


def _session(given: argparse.Namespace, *, is_new: bool = False) -> Session:
    # Here: every other command starts without it.
    from .._code.session import Session

    def settings_of(profile: str | None) -> dict[str, str]:
        is_named = given.profile or os.environ.get(KEY) or os.environ.get(PROFILE)
        if profile is not None and not is_named:
            use_profile(profile)
        found = settings_of_command()
        return {"base_url": found.url, "workspace_id": found.workspace.value or ""}

    return Session(pathlib.Path(given.folder), given.workspace, settings_of, is_new=is_new)


def _client(session: Session) -> Trillet:
    workspace = session.workspace
    url, own = workspace.options.get("base_url"), workspace.key_variable not in (None, KEY)
    known = settings_of_command().url
    # docs/decisions.md, key-of-one-address
    if url and not own and origin_of(url) != origin_of(known):
        raise ConfigurationError(
            f"trillet.yaml names another service ({shown_url(url)}) for {workspace.name} than the "
            f"key is for, {shown_url(known)}: set {URL} too, or give it a key of its own there, "
            "such as api_key: ${STAGING_KEY}",
            field="baseUrl",
        )
    return client_of_command(**workspace.options)


def run_pull(given: argparse.Namespace) -> int:
    from .code_report import pull_json, pull_text

    session = _session(given, is_new=True)
    told = _Told(given.quiet)
    with _client(session) as client:
        try:
            pulled = session.pull(client, force=given.force, told=told)
        finally:
            told.close()
    show(given, pull_json(pulled), pull_text(pulled))
    return PROBLEMS if pulled.kept else DONE


def run_plan(given: argparse.Namespace) -> int:
    session = _session(given)
    told = _Told(given.quiet)
    with _client(session) as client:
        try:
            plan = session.plan(client, prune=given.prune, overwrite=given.overwrite, told=told)
        finally:
            told.close()
    _show_plan(given, session, plan)
    return PROBLEMS if given.exit_code and not plan.is_empty else DONE


def _show_plan(given: argparse.Namespace, session: Session, plan: Plan) -> None:
    from .._code.planning import plan_json
    from .code_report import plan_text

    show(given, plan_json(plan), plan_text(plan, session.workspace.name))


def run_apply(given: argparse.Namespace) -> int:
    from .._code.session import SETTLE_SECONDS

    settle = SETTLE_SECONDS if given.settle is None else given.settle
    if not 0 <= settle <= 3600:
        raise InvalidArgumentError(f"'--settle' must be 0 to 3600 seconds; got {settle:g}")
    session = _session(given)
    told = _Told(given.quiet)

    def agree(plan: Plan) -> None:
        told.close()
        if given.output != "json":
            _show_plan(given, session, plan)
        if not (plan.is_empty or given.yes):
            _ask(given)

    with _client(session) as client:
        try:
            plan, applied = session.apply(
                client,
                prune=given.prune,
                overwrite=given.overwrite,
                settle_seconds=settle,
                agree=agree,
                told=told,
            )
        finally:
            told.close()
    return _ended(given, plan, applied)


def _ask(given: argparse.Namespace) -> None:
    """Returns if somebody says yes to what is shown."""
    if given.output == "json" or not can_ask():
        raise InvalidArgumentError(
            "apply asks before it acts, and nobody can answer here: add --yes; trillet plan shows "
            "what it would do",
            field="yes",
        )
    go_on()


def _ended(given: argparse.Namespace, plan: Plan, applied: Applied) -> int:
    from .code_report import applied_json, applied_text

    show(given, applied_json(plan, applied), applied_text(plan, applied))
    for failure in applied.failures:
        complain(given, failure.error, f"{failure.name}: ")
    if applied.failures:
        return status_of(applied.failures[0].error, given)
    return PROBLEMS if plan.drifted or plan.matches.undecided else DONE
