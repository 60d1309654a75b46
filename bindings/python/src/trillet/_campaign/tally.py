"""How many contacts and calls are in which state, kept by the database itself.

Triggers count, so that no way of changing a row can pass the count by, and a count and its rows are
committed together. See docs/decisions.md, counted-by-triggers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .repeating import repeated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .context import Context
    from .database import Row, Transaction

# Of an attempt of which it is not known how it has ended; and as SQL has them.
OPEN_STATES = ("intent", "accepted", "unknown")
OPEN = str(OPEN_STATES)
# Money as whole millionths: sums of these do not drift.
MILLIONTHS = 1_000_000

# The columns that are counted, by the table: what they are called in a row, and what it costs.
_COSTS = {"contact": "0", "attempt": "COALESCE(CAST(ROUND({row}.cost * 1000000) AS BIGINT), 0)"}

_TABLE = """CREATE TABLE tally (
    what TEXT NOT NULL,
    campaign BIGINT NOT NULL,
    state TEXT NOT NULL,
    count BIGINT NOT NULL,
    cost BIGINT NOT NULL{key}
)"""


def _sqlite() -> tuple[str, ...]:
    """A row for each state: whoever writes is alone, and waits for nobody."""
    statements = [_TABLE.format(key=",\n    PRIMARY KEY (what, campaign, state)")]
    for table, cost in _COSTS.items():
        more = (
            f"INSERT INTO tally VALUES ('{table}', NEW.campaign, NEW.state, 1,"
            f" {cost.format(row='NEW')}) ON CONFLICT (what, campaign, state)"
            " DO UPDATE SET count = count + 1, cost = cost + excluded.cost;"
        )
        less = (
            f"UPDATE tally SET count = count - 1, cost = cost - {cost.format(row='OLD')}"
            f" WHERE what = '{table}' AND campaign = OLD.campaign AND state = OLD.state;"
        )
        columns = "campaign, state" if table == "contact" else "campaign, state, cost"
        for event, body in (
            ("INSERT", more),
            (f"UPDATE OF {columns}", less + more),
            ("DELETE", less),
        ):
            name = f"{table}_{event.split()[0].lower()}_tally"
            statements.append(f"CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN {body} END")
    return tuple(statements)


def _postgres() -> tuple[str, ...]:
    """A row for each change, which are added up later: nobody waits for another's count."""
    statements = [_TABLE.format(key=""), "CREATE INDEX tally_campaign ON tally (campaign)"]
    for table, cost in _COSTS.items():
        more = _counted("fresh", "", cost)
        less = _counted("stale", "-", cost)
        for event, names, body in (
            ("INSERT", "NEW TABLE AS fresh", more),
            ("UPDATE", "OLD TABLE AS stale NEW TABLE AS fresh", f"{more} UNION ALL {less}"),
            ("DELETE", "OLD TABLE AS stale", less),
        ):
            name = f"{table}_{event.lower()}_tally"
            statements += [
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" INSERT INTO tally SELECT '{table}', campaign, state, SUM(count), SUM(cost)"
                f" FROM ({body}) AS changed GROUP BY campaign, state"
                " HAVING SUM(count) <> 0 OR SUM(cost) <> 0; RETURN NULL; END $$",
                f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {names}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
            ]
    return tuple(statements)


def _counted(rows: str, sign: str, cost: str) -> str:
    money = cost.format(row=rows)
    return f"SELECT campaign, state, {sign}1 AS count, {sign}{money} AS cost FROM {rows}"


# The table of the counts and what keeps it, by dialect.
TALLY: Mapping[str, tuple[str, ...]] = {"sqlite": _sqlite(), "postgres": _postgres()}

# Of one table, in a campaign.
COUNTS = (
    "SELECT state, SUM(count), SUM(cost) FROM tally WHERE what = ? AND campaign = ? GROUP BY state"
)
_ADD_UP = """WITH old AS (
    DELETE FROM tally WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM tally WHERE campaign = ? FOR UPDATE SKIP LOCKED))
    RETURNING what, campaign, state, count, cost)
INSERT INTO tally SELECT what, campaign, state, SUM(count), SUM(cost) FROM old
    GROUP BY what, campaign, state HAVING SUM(count) <> 0 OR SUM(cost) <> 0"""


@repeated
def add_up(context: Context) -> None:
    """Makes one row of many, where each change has one. Whoever counts meanwhile is not kept."""
    if context.database.dialect != "postgres":
        return
    with context.database.write() as transaction:
        transaction.run(_ADD_UP, context.campaign)


def tally(context: Context, transaction: Transaction, what: str) -> dict[str, tuple[int, float]]:
    """How many there are in each state, and what they cost."""
    return counted(transaction.rows(COUNTS, what, context.campaign))


def counted(rows: Iterable[Row]) -> dict[str, tuple[int, float]]:
    """The rows of `COUNTS` by state."""
    return {
        str(state): (int(count), int(cost) / MILLIONTHS) for state, count, cost in rows if count
    }
