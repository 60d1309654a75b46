"""Which database a campaign is in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .postgres import PostgresDatabase
from .sqlite import SQLiteDatabase

if TYPE_CHECKING:
    from .database import Database

POSTGRES = ("postgresql://", "postgres://")


def database_of(place: str | os.PathLike[str]) -> Database:
    """The file of that path, or the PostgreSQL database of that URL."""
    if isinstance(place, str) and place.startswith(POSTGRES):
        return PostgresDatabase(place)
    return SQLiteDatabase(place)


def shown(place: str | os.PathLike[str]) -> str:
    """The place as an error may have it: a URL without its password."""
    text = os.fspath(place)
    if not text.startswith(POSTGRES):
        return text
    scheme, _, rest = text.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"
