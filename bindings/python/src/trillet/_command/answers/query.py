"""``--query``: a part of an answer, by a JMESPath expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable


def compiled(expression: str) -> Callable[[Any], Any]:
    """What applies it.

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
            f"--query {expression!r} is no JMESPath expression that fits: {why}", field="query"
        )

    try:
        found = jmespath.compile(expression)
    except JMESPathError as error:
        raise mistake(error) from None

    def apply(value: Any) -> Any:
        try:
            return found.search(value)
        except JMESPathError as error:
            raise mistake(error) from None

    return apply
