"""A campaign as programs have it."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any, cast

from .._model.errors import ConfigurationError, InvalidArgumentError
from .._model.frames import is_frame
from . import adding, listing, tables, worker
from .account import account_of_environment
from .auditing import audit
from .context import Context, note
from .doubts import Doubt, doubts
from .exporting import export
from .hours import hours
from .opening import database_of, shown
from .pace import Pace
from .policy import Policy
from .preflight import preflight
from .receiving import receive
from .reconciling import reconcile
from .repeating import repeated
from .resolving import resolve
from .status import Status, counts, state_of, status
from .suppressing import in_e164

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType
    from typing import IO

    from .._model.frames import Frame
    from .._sync.client import Trillet
    from .._webhooks.event import Event
    from .auditing import Audit
    from .database import Database
    from .preflight import Preflight
    from .summary import Summary

STATES = ("draft", "running", "paused", "cancelled", "done")


class Campaign:
    """A list of contacts that is called over days, by any number of workers.

    Each decision to call is on the disk before the call is placed, and is never taken back: a
    worker that is killed in between leaves a contact that is `unknown`, which nobody calls again
    before the history has said whether the phone rang. What it does not say within
    `Policy.settle_seconds` is `held`, for a person to decide.

        campaign = Campaign.create("leads.db", "spring", agent="64f…", policy=Policy(...))
        campaign.add("contacts.csv")
        campaign.start()
        with Trillet() as client:
            print(campaign.run_slice(client, max_seconds=60))

    Any thread and any process may open the same campaign and run slices of it.
    """

    def __init__(self, database: Database, context: Context, name: str) -> None:
        self._database = database
        self._context = context
        self.name = name

    # MARK: opening

    @classmethod
    def create(
        cls,
        place: str | os.PathLike[str],
        name: str,
        *,
        agent: str,
        policy: Policy | None = None,
        account: str | None = None,
    ) -> Campaign:
        """Makes a campaign, which calls nobody before `start`.

        Args:
            place: The database: a file on this machine, which is made where it is missing, or a
                PostgreSQL database (``"postgresql://…"``) for workers on several machines.
            name: What it is opened by; of this database alone.
            agent: The agent that speaks.
            policy: The rules. Its `calls_per_minute` and `calls_at_once` are from now on those of
                the account.
            account: Whose limits they are. Default: a hash of the key, the workspace and the
                service of the environment.

        Raises:
            ConfigurationError: There is a campaign of that name, or the database cannot be used.
        """
        rules = policy or Policy()
        whose = account or account_of_environment()
        database = database_of(place)
        database.migrate()
        with database.write() as transaction:
            if transaction.row("SELECT id FROM campaign WHERE name = ?", name) is not None:
                raise ConfigurationError(f"There is a campaign {name!r} in {shown(place)} already")
            transaction.run(
                "INSERT INTO campaign (name, account, agent, state, policy, created_at)"
                " VALUES (?, ?, ?, 'draft', ?, ?)",
                name,
                whose,
                agent,
                rules.text(),
                transaction.now(),
            )
            Pace.set(transaction, whose, rules.calls_per_minute, rules.calls_at_once)
        database.close()
        return cls.open(place, name)

    @classmethod
    def open(cls, place: str | os.PathLike[str], name: str | None = None) -> Campaign:
        """A campaign that was made before.

        Args:
            place: The database, as for `create`.
            name: Its name; needed only where the database has several.

        Raises:
            ConfigurationError: There is no such database, or no such campaign in it.
            ConnectionFailedError: The database cannot be reached now.
        """
        database = database_of(place)
        if not database.exists():
            raise ConfigurationError(f"There is no campaign database {shown(place)}")
        database.migrate()
        with database.read() as transaction:
            listed = transaction.rows(
                "SELECT name, id, account, agent, policy FROM campaign ORDER BY id"
            )
        found = [each for each in listed if name is None or each[0] == name]
        if len(found) != 1:
            names = ", ".join(str(each[0]) for each in listed) or "none"
            raise ConfigurationError(
                f"There is no campaign {name!r} in {shown(place)}; it has {names}"
                if name is not None or not listed
                else f"{shown(place)} has several campaigns, of which one must be named: {names}",
                field="name",
            )
        known, number, account, agent, policy = found[0]
        return cls(
            database,
            Context(database, number, account, agent, Policy.read(policy), name=known),
            known,
        )

    # MARK: contacts

    def add(
        self,
        contacts: str | os.PathLike[str] | Iterable[Mapping[str, object]] | Frame,
        **check: Any,
    ) -> adding.Added:
        """Adds contacts: the good rows of a file or a data frame, by the rules of `check_csv`, or
        mappings.

        A row has `phone_number` (E.164), and may have `time_zone` (``"Europe/Berlin"``, several
        with spaces between them) and `key` (what you know it by; default the number). All else are
        variables of the prompt. A number or a key that the campaign has is passed over, so the same
        file may be added again.

        Args:
            contacts: A path, or the rows; a million needs no more memory than ten thousand.
            check: Options of `check_csv`, for a file or a data frame.
        """
        number = self._context.campaign
        if isinstance(contacts, (str, os.PathLike)):
            return adding.add_file(self._database, number, contacts, **check)
        if is_frame(contacts):
            return tables.add_frame(self._database, number, contacts, **check)
        added, known = adding.add_rows(
            self._database, number, adding.checked(cast("Iterable[Mapping[str, object]]", contacts))
        )
        return adding.Added(added, known)

    def suppress(
        self,
        phones: str | Iterable[str],
        *,
        reason: str = "do_not_call",
        scope: str = "*",
        until: float | None = None,
    ) -> int:
        """Has numbers never be called, by any campaign of this database.

        Args:
            phones: One number or several, E.164; spaces and dashes are left out.
            reason: What is told of the contacts.
            scope: ``"*"``, or ``"campaign"`` for this campaign alone.
            until: Unix seconds; default for ever.

        Returns:
            How many numbers there are.
        """
        if scope not in ("*", "campaign"):
            raise InvalidArgumentError(f'scope is "*" or "campaign", not {scope!r}', field="scope")
        where = scope if scope == "*" else f"campaign:{self._context.campaign}"
        given = [phones] if isinstance(phones, str) else phones
        listed = list(dict.fromkeys(map(in_e164, given)))
        end = None if until is None else int(until * 1000)
        with self._database.write() as transaction:
            # Whoever decides right now ends before this, or sees it.
            transaction.rows("SELECT account FROM pace ORDER BY account" + self._database.locking)
            transaction.run_each(
                "DELETE FROM suppression WHERE phone = ? AND scope = ?",
                [(phone, where) for phone in listed],
            )
            transaction.run_each(
                "INSERT INTO suppression (phone, scope, reason, source, until)"
                " VALUES (?, ?, ?, 'program', ?)",
                [(phone, where, reason, end) for phone in listed],
            )
        return len(listed)

    # MARK: running

    def start(self) -> None:
        """Lets workers call, also after a pause."""
        self._change("running", ("draft", "paused", "running", "done"))

    def pause(self, reason: str = "paused by a person") -> None:
        """From its return on no call is decided on. Calls under way go on."""
        self._change("paused", ("running", "paused"), reason)

    def cancel(self) -> None:
        """Ends it for good. Calls under way go on, and are followed."""
        self._change("cancelled", ("draft", "running", "paused", "cancelled"))
        self._cancel_contacts()

    @repeated
    def _cancel_contacts(self) -> None:
        with self._database.write() as transaction:
            transaction.run(
                "UPDATE contact SET state = 'cancelled' WHERE id IN (SELECT id FROM contact"
                " WHERE campaign = ? AND state IN ('ready', 'leased') ORDER BY id"
                f"{self._database.locking})",
                self._context.campaign,
            )

    def run_slice(
        self, client: Trillet, max_seconds: float = 60.0, max_calls: int | None = None
    ) -> Summary:
        """Calls who is due, for so long and so often at most, and asks what became of calls.

        It may be repeated, run by many at once, and killed at any moment.

        Args:
            client: Places the calls. Leave its `requests_per_minute` at 0: the campaign keeps the
                limit for all workers.
            max_seconds: How long it takes at most, plus one request.
            max_calls: How many calls it places at most.
        """
        return worker.run_slice(self._context, client, max_seconds, max_calls)

    def reconcile(self, client: Trillet, max_seconds: float = 60.0) -> int:
        """Asks the call history what became of the calls of all campaigns of the account.

        `run_slice` does so, too; this is for when nobody calls any more. It waits for so long at
        most for another worker that asks just now, and answers how many calls have ended.
        """
        return reconcile(self._context, client, max_seconds)

    def receive(self, event: Event) -> bool:
        """Takes in what a webhook says of a call; the handler of a `trillet.webhooks.Receiver`.

        It may come several times, too late, or before the worker has its answer. One campaign
        receives for all those of its account in its database; False if the event is of another.
        """
        return receive(self._context, event)

    def resolve(self, phone: str, decision: str) -> bool:
        """Ends the doubt about a contact that is `held` or `unknown`.

        Args:
            phone: The contact's number.
            decision: ``"called"`` if the phone has rung: nobody calls again. ``"redial"`` if you
                know that it has not: it is called like all others.

        Returns:
            Whether there was such a contact.
        """
        return resolve(self._context, phone, decision)

    def audit(self, client: Trillet) -> Audit:
        """Compares the ledger with the call history, and holds whom the ledger would call again.

        Call it before `start` when a backup was restored, or a copy of the database took over.
        """
        return audit(self._context, client)

    # MARK: looking

    def preflight(self, call_seconds: float | None = None) -> Preflight:
        """How many will be called, when, at which cost, and who never and why.

        Args:
            call_seconds: How long a call lasts; default `Policy.longest_call_seconds`.
        """
        return preflight(self._context, call_seconds)

    def status(self) -> Status:
        """How it stands, and why nothing moves."""
        return status(self._context, self.name)

    @property
    def state(self) -> str:
        """``"draft"``, ``"running"``, ``"paused"``, ``"cancelled"`` or ``"done"``."""
        with self._database.read() as transaction:
            return state_of(self._context, transaction)[0]

    def counts(self) -> Counter[str]:
        """How many contacts there are, by state."""
        with self._database.read() as transaction:
            return Counter(counts(self._context, transaction))

    def contacts(self, state: str | None = None) -> Iterator[listing.Contact]:
        """All contacts, or those in a state, in constant memory."""
        return listing.contacts(self._context, state)

    def doubts(self, most: int = 100) -> list[Doubt]:
        """Who may have been called: those who are held, then those who are unknown."""
        return doubts(self._context, most)

    def hours(self, last: int | None = None) -> dict[int, dict[str, int]]:
        """How many calls there were in each hour (Unix milliseconds), by outcome; with `last` in so
        many hours at most, up to that of the last call, which is fast also with a million calls.
        """
        return hours(self._context, last)

    def attempts(self) -> Iterator[listing.Attempt]:
        """All calls so far, by contact, in constant memory."""
        return listing.attempts(self._context)

    def export(self, file: IO[str], *, of_attempts: bool = False, as_json: bool = False) -> int:
        """Writes CSV, or a JSON object a line, in constant memory.

        Args:
            file: Opened for writing, with ``newline=""`` for CSV. Cells that a spreadsheet would
                take for a formula get an apostrophe before them; phone numbers do not.
            of_attempts: A row for each call, instead of one for each contact.

        Returns:
            How many rows were written.
        """
        return export(self._context, file, of_attempts=of_attempts, as_json=as_json)

    def export_parquet(self, path: str | os.PathLike[str], *, of_attempts: bool = False) -> int:
        """Writes a Parquet file in constant memory (extra `parquet`); how many rows."""
        return tables.export_parquet(self._context, path, of_attempts=of_attempts)

    def to_dataframe(self, *, of_attempts: bool = False, library: str | None = None) -> Any:
        """All contacts, or all calls, in pandas or polars, whichever is installed or named."""
        return tables.to_dataframe(self._context, of_attempts=of_attempts, library=library)

    def close(self) -> None:
        """Closes this thread's connection to the database."""
        self._database.close()

    def __enter__(self) -> Campaign:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @repeated
    def _change(self, state: str, allowed: tuple[str, ...], reason: str | None = None) -> None:
        with self._database.write() as transaction:
            found = transaction.row(
                "SELECT state FROM campaign WHERE id = ?" + self._database.locking,
                self._context.campaign,
            )
            if found is None or found[0] not in allowed:
                raise ConfigurationError(
                    f"The campaign {self.name!r} is {found[0] if found else 'gone'}, and cannot"
                    f" become {state}"
                )
            now = transaction.now()
            transaction.run(
                "UPDATE campaign SET state = ?, reason = ?, failures = 0,"
                " started_at = CASE WHEN ? = 'running' THEN COALESCE(started_at, ?) ELSE started_at"
                " END WHERE id = ?",
                state,
                reason,
                state,
                now,
                self._context.campaign,
            )
            note(transaction, self._context.campaign, state, reason=reason)
