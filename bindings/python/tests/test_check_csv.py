"""The check of a contact file: what it takes, what it tells, how it reads."""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING

import pytest

import trillet
from conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "phone_number,first_name\n+12025550164,Ada\n+442079460018,Ben\n"
DAMAGED = ROOT / "examples" / "contacts-with-errors.csv"


@pytest.fixture
def contacts(tmp_path: Path) -> Path:
    path = tmp_path / "Kontakte äöü.csv"
    path.write_text(GOOD, encoding="utf-8")
    return path


def test_a_path_an_open_file_text_and_bytes_are_the_same(contacts: Path) -> None:
    with open(contacts) as text, open(contacts, "rb") as binary:
        reports = [
            trillet.check_csv(contacts),
            trillet.check_csv(str(contacts)),
            trillet.check_csv(text),
            trillet.check_csv(binary),
            trillet.check_csv(io.StringIO(GOOD)),
            trillet.check_csv(csv=GOOD),
            trillet.check_csv(csv=GOOD.encode()),
        ]
    assert all(report.data == reports[0].data for report in reports)
    assert [report.name for report in reports] == [contacts.name] * 4 + ["file", "csv", "csv"]


def test_a_good_file_is_valid_and_tells_where_the_calls_go() -> None:
    report = trillet.check_csv(csv=GOOD)
    assert report.valid
    assert report.raise_for_problems() is report
    assert (report.total, report.accepted, report.rejected, report.blank) == (2, 2, 0, 0)
    assert report.columns == ["phone_number", "first_name"]
    assert {country.code: country.calls for country in report.countries} == {"+1": 1, "+44": 1}
    assert (report.size, report.line_ending, report.has_bom) == (len(GOOD), "LF", False)


def test_a_damaged_file_has_its_problems_with_their_rows() -> None:
    report = trillet.check_csv(DAMAGED)
    assert not report.valid
    assert (report.total, report.accepted, report.rejected) == (12, 4, 8)
    first = report.problems[0]
    assert (first.row, first.line, first.column) == (2, 3, "phone_number")
    assert (first.kind, first.severity, first.value) == ("no_plus", "error", "2025550111")
    assert first.suggestion
    assert report.problem_count == len(report.problems)


def test_the_report_reads_as_a_table() -> None:
    lines = str(trillet.check_csv(DAMAGED)).splitlines()
    assert lines[0].startswith("contacts-with-errors.csv: 4 of 12 rows can be called")
    assert lines[1].split() == ["row", "line", "column", "value", "problem"]
    assert lines[2].split()[:4] == ["2", "3", "phone_number", "2025550111"]
    assert any("warning: The number is in row 1 already" in line for line in lines)
    assert lines[-1].startswith("  calls to: North America")


def test_what_steers_a_terminal_is_shown_as_text() -> None:
    report = trillet.check_csv(csv="phone_number\n\u202ered\n")
    assert report.problems[0].value == "\u202ered"
    assert "\u202e" not in str(report)


def test_problems_beyond_the_list_are_counted() -> None:
    report = trillet.check_csv(DAMAGED, max_problems=2)
    assert len(report.problems) == 2
    assert f"and {report.problem_count - 2} more" in str(report)


def test_problems_are_raised_with_their_table() -> None:
    report = trillet.check_csv(DAMAGED)
    with pytest.raises(trillet.ContactsError) as raised:
        report.raise_for_problems()
    assert raised.value.report is report
    assert str(raised.value) == str(report)
    assert (raised.value.type, raised.value.code) == ("invalid_argument", "contacts")
    copied = pickle.loads(pickle.dumps(raised.value))
    assert str(copied) == str(report)


def test_warnings_do_not_stand_in_the_way() -> None:
    twice = "phone_number\n+12025550164\n+12025550164\n"
    report = trillet.check_csv(csv=twice).raise_for_problems()
    assert report.duplicates == 1
    assert trillet.check_csv(csv=twice, duplicates=False).duplicates == 0


def test_columns_that_the_prompt_needs_must_be_there() -> None:
    report = trillet.check_csv(csv=GOOD, prompt="{first_name}, {plan}", required_columns=["city"])
    assert [problem.column for problem in report.problems] == ["plan", "city"]
    assert {problem.kind for problem in report.problems} == {"missing_column"}


def test_good_rows_bad_rows_and_pieces_are_written(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    report = trillet.check_csv(
        DAMAGED,
        accepted_file=good,
        rejected_file=bad,
        split_file=tmp_path / "part-{n}.csv",
        split_rows=3,
    )
    assert trillet.check_csv(good).valid
    assert "reject_reason" in bad.read_text().splitlines()[0]
    assert (report.accepted_file, report.rejected_file) == (str(good), str(bad))
    assert report.split_files == [str(tmp_path / f"part-{n}.csv") for n in (1, 2)]
    assert str(good) in str(report)


def test_more_rows_than_the_plan_allows_are_a_problem() -> None:
    assert "too_many_rows" in [
        each.kind for each in trillet.check_csv(csv=GOOD, max_rows=1).problems
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [(b"", "empty"), (b"phone_number;a\n", "delimiter"), (b"\xff\xfe\x00", "encoding")],
)
def test_what_is_no_contact_file_is_refused(text: bytes, code: str) -> None:
    with pytest.raises(trillet.InvalidArgumentError) as raised:
        trillet.check_csv(csv=text)
    assert raised.value.code == code
    assert raised.value.operation == "csv.check"


def test_a_nul_in_the_text_does_not_end_it() -> None:
    report = trillet.check_csv(csv="phone_number,a\n+12025550164,\0\n+12025550165,b\n")
    assert report.total == 2


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(trillet.InvalidArgumentError, match="there is no such file") as raised:
        trillet.check_csv(tmp_path / "none.csv")
    assert raised.value.field == "file"


def test_a_lone_surrogate_is_refused_before_the_library() -> None:
    with pytest.raises(trillet.InvalidArgumentError, match="surrogate at index 1"):
        trillet.check_csv(csv="a\ud800")


def test_neither_nothing_nor_both_nor_something_else_is_taken() -> None:
    with pytest.raises(TypeError, match="one of the two"):
        trillet.check_csv()
    with pytest.raises(TypeError, match="one of the two"):
        trillet.check_csv("a.csv", csv=GOOD)
    wrong: object = GOOD.encode()
    with pytest.raises(TypeError, match="text or bytes as csv="):
        trillet.check_csv(wrong)  # type: ignore[arg-type]
