"""What the database undid because two workers waited for each other is done again."""

from __future__ import annotations

import random
import time
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from .._model.errors import ConnectionFailedError

if TYPE_CHECKING:
    from collections.abc import Callable

# A deadlock, and a serialization failure: nothing of the transaction was committed.
UNDONE = ("40P01", "40001")
# At most, before each further try. At random: two that meet would meet again.
PAUSES = (0.05, 0.2, 0.5)

Step = TypeVar("Step", bound="Callable[..., Any]")


def repeated(step: Step) -> Step:
    """A function that is one transaction, and nothing beside it, has a few tries."""

    @wraps(step)
    def tried(*values: Any, **named: Any) -> Any:
        for pause in PAUSES:
            try:
                return step(*values, **named)
            except ConnectionFailedError as error:
                if error.code not in UNDONE:
                    raise
            time.sleep(pause * random.random())
        return step(*values, **named)

    return cast("Step", tried)
