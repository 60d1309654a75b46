"""The command ``trillet``: check contact files, call, follow batches and keep their results.

The key is never an argument, for everybody on the machine can read those.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from .. import ContactsError, TrilletError, __version__
from .asking import DeclinedError
from .call import add_call
from .campaigns import add_campaign
from .check import add_check
from .clients import use_profile
from .code import add_apply, add_plan, add_pull
from .completions import add_completion
from .doctor import add_doctor
from .event_commands import add_events
from .failures import (
    INTERRUPTED,
    NOBODY_READS,
    PERHAPS_DONE,
    PROBLEMS,
    complain,
    outcome_of_interruption,
    status_of,
    unwritten,
)
from .listen import add_listen
from .login import add_login
from .logs import add_logs
from .mcp import add_mcp
from .parsers import CommandParser
from .profile_commands import add_profiles
from .request import add_request, take_rest
from .sandbox import run_sandbox
from .streams import drop_output, prepare_streams
from .test_conversations import add_test
from .trigger import add_trigger
from .verbs.adding import add_verbs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

_EPILOG = """\
environment:
  TRILLET_API_KEY         the key, instead of a profile's; never an argument
  TRILLET_PROFILE         the profile, as --profile names it; see login
  TRILLET_WORKSPACE_ID    the workspace
  TRILLET_BASE_URL        another service, for example a sandbox
  TRILLET_WEBHOOK_SECRET  the secret that signs webhooks; never an argument

exit status:
  0    done
  1    the file has rows that cannot be called; the batch failed, or its
       results are incomplete; the call that was waited for was not completed;
       the doctor found a problem; the receiver of an event did not take it;
       something is not as its file says (pull, apply), or would be changed
       (plan --exit-code); a conversation was not as expected (test)
  2    an argument or an option is wrong; nothing was sent
  3    the key is missing or not accepted, or may not do this
  4    not found, or refused by the service
  5    too many requests
  6    the service did not answer, or failed; nothing was done
  7    the service may have acted, also if interrupted: check before you
       repeat it
  70   a fault of the library
  130  interrupted, or the question was answered with no; nothing was done

examples:
  trillet check contacts.csv
  trillet calls list --agent 5d1c0a77e2b94f0013ab6c21 --since 1h
  trillet agents get 5d1c0a77e2b94f0013ab6c21 --json
"""


# In the order of the help.
_COMMANDS: tuple[Callable[[Any], None], ...] = (
    add_check,
    add_call,
    add_campaign,
    add_request,
    add_login,
    add_profiles,
    add_listen,
    add_trigger,
    add_events,
    add_logs,
    add_pull,
    add_plan,
    add_apply,
    add_mcp,
    add_doctor,
    add_test,
    add_completion,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; its exit status is returned."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    prepare_streams()
    if words[:1] == ["sandbox"]:
        return run_sandbox(words[1:])
    parser = _parser(words)
    given, rest = parser.parse_known_args(words)
    if rest:
        take_rest(parser, given, rest)
    use_profile(given.profile)
    run: Callable[[argparse.Namespace], int] = given.run
    try:
        status = _dry(given, run) if getattr(given, "dry_run", False) else run(given)
        sys.stdout.flush()
        return status
    except ContactsError as error:
        complain(given, error)
        return PROBLEMS
    except TrilletError as error:
        complain(given, error)
        return status_of(error, given)
    except DeclinedError:
        print("nothing was done", file=sys.stderr)
        return INTERRUPTED
    except KeyboardInterrupt as stop:
        outcome = outcome_of_interruption(stop)
        if outcome is None or not given.acts or outcome.sent == "no":
            print("interrupted", file=sys.stderr)
            return INTERRUPTED
        # Whoever repeats it after a bare "interrupted" rings the phone twice.
        complain(given, outcome, "interrupted: ")
        return PERHAPS_DONE
    except BrokenPipeError:
        drop_output()
        return NOBODY_READS
    except OSError as error:
        # Such as a full disk, to which the answer was to go.
        drop_output()
        return unwritten(given, error)


def _dry(given: argparse.Namespace, run: Callable[[argparse.Namespace], int]) -> int:
    from .dry_run.rehearsing import rehearse

    return rehearse(given, run)


def _parser(wanted: Collection[str] | None = None) -> argparse.ArgumentParser:
    """The parser; of the API's resources only those that are wanted have their verbs."""
    parser = CommandParser(
        prog="trillet",
        description="The Trillet voice-agent API: check contact files, call, follow batches.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"trillet {__version__}")
    parser.set_defaults(profile=None, whole_parser=_parser)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for add in _COMMANDS:
        add(commands)
    add_verbs(commands, wanted)
    # For the list of commands: its arguments are the program's.
    commands.add_parser(
        "sandbox",
        help="run a service on this machine, for tests; its own flags",
        takes_profile=False,
    )
    return parser
