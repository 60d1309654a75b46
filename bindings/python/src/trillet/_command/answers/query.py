"""``--query``: a part of an answer, by a JMESPath expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import InvalidArgumentError
from .cells import compact

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST = 200


def compiled(expression: str, *, acts: bool = False) -> Callable[[Any], Any]:
    """What applies it.

    Args:
        expression: The expression.
        acts: Whether the answer is that of a request that changed something: where the expression
            does not fit it, the error has the answer, which there is no second time.

    Raises:
        InvalidArgumentError: The package is not there, or the expression is none.
    """
    try:
        import jmespath
        from jmespath.exceptions import JMESPathError
    except ImportError:
        raise InvalidArgumentError(
            "--query needs the package jmespath: pip install 'trillet[query]'", field="query"
        ) from None

    def mistake(error: Exception) -> InvalidArgumentError:
        why = " ".join(str(error).split())
        return InvalidArgumentError(
            f"--query {_beginning(expression)} is no JMESPath expression that fits: {why}",
            field="query",
        )

    try:
        found = jmespath.compile(expression)
    except (JMESPathError, RecursionError) as error:
        raise mistake(error) from None

    def apply(value: Any) -> Any:
        try:
            return found.search(value)
        except Exception as error:  # Its functions raise whatever Python's raise.
            if not acts:
                raise mistake(error) from None
            raise InvalidArgumentError(
                f"The request was done, and --query {_beginning(expression)} does not fit its "
                f"answer ({' '.join(str(error).split())}), which is: {compact(value)}",
                field="query",
                sent="yes",
            ) from None

    return apply


def _beginning(expression: str) -> str:
    return repr(expression if len(expression) <= _LONGEST else f"{expression[:_LONGEST]}…")
