"""What ``trillet pull``, ``plan`` and ``apply`` say."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Any

from .._code.comparing import Who
from .._code.kinds import kind_of
from .._code.planning import plan_json
from .._code.references import for_people
from .._code.secret_fields import hidden, telling

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .._code.applying import Applied
    from .._code.comparing import Comparison, Difference
    from .._code.planning import Plan
    from .._code.pulling import Pulled

# Of the objects that are left alone for the same reason only the first ones are listed.
_MOST_ALIKE = 5
_MOST_LETTERS = 300


def plan_text(plan: Plan, workspace: str) -> str:
    """A plan for people."""
    lines = [f"workspace {workspace}", ""]
    lines += [f"+ {name}  create" for name in plan.creates]
    for name in plan.changed:
        lines.append(f"~ {name}  change")
        if name in plan.changes:
            lines += _differences(name, plan.changes[name])
        lines += [f"    upload {file}" for file in plan.uploads.get(name, [])]
    lines += [f"- {each.name}  delete" for each in plan.deletes]
    for name, comparison in plan.drifted.items():
        lines.append(f"! {name}  drifted: changed on the service since the last apply")
        lines += _differences(name, comparison)
    if lines[-1]:
        lines.append("")
    counts = plan.counts
    lines.append(
        f"{counts['create']} to create, {counts['change']} to change, {counts['delete']} to "
        f"delete, {counts['drifted']} drifted, {counts['notTouched']} not touched"
    )
    lines += _untouched(plan.untouched)
    if plan.drifted:
        lines.append("pull takes what was changed on the service, apply --overwrite replaces it")
    return "\n".join(lines)


def _differences(name: str, comparison: Comparison) -> Iterator[str]:
    for each in comparison.differences:
        path = ".".join(each.path)
        who = " (changed on both sides)" if each.who is Who.BOTH else ""
        if each.is_secret and isinstance(each.here, str):
            yield f"    {path}: a secret, which is not shown{who}"
        elif _is_long(each):
            yield f"    {path}:{who}"
            yield from _unified(name, each)
        else:
            yield f"    {path}: {_short(each, each.there)} → {_short(each, each.here)}{who}"


def _is_long(each: Difference) -> bool:
    texts = [value for value in (each.here, each.there) if value is not None]
    return all(isinstance(text, str) for text in texts) and any("\n" in text for text in texts)


def _unified(name: str, each: Difference) -> Iterator[str]:
    """A text line by line, as people know it from git."""
    before, after = (str(for_people(value or "")).split("\n") for value in (each.there, each.here))
    file = f"{name}.md" if each.path == (kind_of(name).text,) else f"{name}.yaml"
    for line in difflib.unified_diff(before, after, "on the service", file, lineterm=""):
        yield f"      {line}".rstrip()


def _short(each: Difference, value: Any) -> str:
    if value is None:
        return "nothing"
    text = json.dumps(for_people(hidden(value, telling(each.path))), ensure_ascii=False)
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}…"


def _untouched(untouched: Iterable[tuple[str, str]]) -> Iterator[str]:
    by_reason: dict[str, list[str]] = {}
    for name, why in untouched:
        by_reason.setdefault(why, []).append(name)
    for why, names in by_reason.items():
        yield from (f"  {name}: {why}" for name in names[:_MOST_ALIKE])
        if len(names) > _MOST_ALIKE:
            yield f"  and {len(names) - _MOST_ALIKE} more: {why}"


def applied_text(plan: Plan, applied: Applied) -> str:
    """What apply did, for people."""
    done = list(applied.done.values())
    text = ", ".join(f"{done.count(what)} {what}" for what in ("created", "changed", "deleted"))
    left = f", {len(applied.failures)} failed: apply again goes on" if applied.failures else ""
    drifted = f", {len(plan.drifted)} drifted" if plan.drifted else ""
    return f"{text}{drifted}{left}"


def applied_json(plan: Plan, applied: Applied) -> dict[str, Any]:
    """The same for programs."""
    return {
        "plan": plan_json(plan),
        "done": applied.done,
        "failed": [
            {"object": each.name, "type": each.error.type, "message": each.error.message}
            for each in applied.failures
        ],
    }


def pull_text(pulled: Pulled) -> str:
    """What pull did, for people."""
    lines = [f"written {name}" for name in pulled.written]
    lines += [f"kept {name}: {why}" for name, why in pulled.kept]
    lines += [f"note {name}: {note}" for name, note in pulled.notes]
    lines.append(f"{len(pulled.written)} written, {pulled.same} as before, {len(pulled.kept)} kept")
    return "\n".join(lines)


def pull_json(pulled: Pulled) -> dict[str, Any]:
    """The same for programs."""
    return {
        "written": pulled.written,
        "same": pulled.same,
        "kept": [{"object": name, "why": why} for name, why in pulled.kept],
        "notes": [{"object": name, "note": note} for name, note in pulled.notes],
    }
