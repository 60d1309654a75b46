"""What the library's options are called in the command ``trillet``."""

from __future__ import annotations

import re

from .._model.own_names import OWN_NAMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .._model.report import CsvReport
    from .verbs.described import Operation

_LIBRARY_NAMES = {
    "acceptedFile": "--accepted",
    "rejectedFile": "--rejected",
    "splitFile": "--split",
    "splitRows": "--split-rows",
    "maxProblems": "--max-problems",
    "maxRows": "--max-rows",
    "requiredColumns": "--require",
    "defaultCountry": "--country",
    "assumeCountry": "--assume-country",
    "phoneColumn": "--phone-column",
    "deadlineMs": "--deadline",
    "minIntervalMs": "--min-interval",
    "stuckMs": "--stuck",
    "stopWhenStuck": "--stuck",
    "baseUrl": "TRILLET_BASE_URL",
    "workspaceId": "TRILLET_WORKSPACE_ID",
}
# A message may have them as the library writes them, or as the package does.
_NAMES = {
    **_LIBRARY_NAMES,
    **{OWN_NAMES[name]: own for name, own in _LIBRARY_NAMES.items()},
}
# Of one command alone: in others a field of the API has the name.
_START_NAMES = {"agentId": "--agent", "scheduledAt": "--at"}
# The key is no option of the command.
_PHRASES = {
    "give api_key in the options or set TRILLET_API_KEY": (
        "set TRILLET_API_KEY, or keep one by `trillet login`, and choose it by --profile or"
        " TRILLET_PROFILE"
    ),
    "the api_key argument, or TRILLET_API_KEY": "TRILLET_API_KEY",
    # Names that are words as well.
    "'convert'": "'--convert'",
    "'file' does not end in": "'--file' does not end in",
    "set 'format'": "set '--format'",
}
# The library counts milliseconds, the command seconds.
_RANGE = re.compile(
    r"'(deadline_ms|min_interval_ms|stuck_ms)' must be a whole number from (\d+) to (\d+)"
)

_QUOTED = re.compile(r"'(\w+(?:\.\w+)*)'")


def in_command(text: str, *, starts_batch: bool = False) -> str:
    """A message of the library, with the command's options in it."""
    names = {**_NAMES, **_START_NAMES} if starts_batch else _NAMES
    for phrase, own in _PHRASES.items():
        text = text.replace(phrase, own)
    text = _RANGE.sub(_range_in_seconds, text)
    return re.sub(r"\b(?:" + "|".join(names) + r")\b", lambda found: names[found[0]], text)


def in_verb(text: str, operation: Operation) -> str:
    """A message about a field of a verb, with the flag in it."""
    from .verbs.words import flags

    names = {field.name: field.place for field in operation.fields}

    def flag(found: re.Match[str]) -> str:
        path = tuple(found[1].split("."))
        if path[0] not in names:
            return found[0]
        told = flags(path)
        # A positional argument is called as the help calls it.
        is_positional = names[path[0]] == "path"
        return f"'{told[0][2:].upper().replace('-', '_') if is_positional else told[-1]}'"

    return in_command(_QUOTED.sub(flag, text))


def _range_in_seconds(found: re.Match[str]) -> str:
    name, least, most = found.groups()
    return f"'{_NAMES[name]}' must be {int(least) / 1000:g} to {int(most) / 1000:.10g} seconds"


def report_in_command(report: CsvReport) -> CsvReport:
    """The same of what a check found; the values of the file stay as they are."""
    report.problems = [
        problem._replace(
            message=in_command(problem.message),
            suggestion=problem.suggestion and in_command(problem.suggestion),
        )
        for problem in report.problems
    ]
    return report
