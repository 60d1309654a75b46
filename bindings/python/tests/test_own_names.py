"""Errors name an option as Python takes it: what they tell to write can be written."""

from __future__ import annotations

import inspect

import pytest

import trillet
from conftest import KEY
from trillet._core.client_options import CLIENT_OPTION_NAMES
from trillet._model.own_names import OWN_NAMES


def test_every_option_that_python_writes_otherwise_has_its_name_here() -> None:
    others = {theirs: own for own, theirs in CLIENT_OPTION_NAMES.items() if own != theirs}
    assert others.items() <= OWN_NAMES.items()
    taken = {
        *inspect.signature(trillet.check_csv).parameters,
        *trillet.RequestOptions.__annotations__,
    }
    assert {name for name in taken if "_" in name} <= set(OWN_NAMES.values())


def test_a_wrong_client_option_is_named_as_it_was_written() -> None:
    with pytest.raises(trillet.ConfigurationError, match="'max_retries' must be") as caught:
        trillet.Trillet(api_key=KEY, max_retries=101)
    assert caught.value.field == "maxRetries"


def test_a_missing_column_tells_the_argument_that_names_it() -> None:
    with pytest.raises(trillet.InvalidArgumentError, match="its name as 'phone_column'"):
        trillet.check_csv(csv="Mobile\n+12025550164\n")


def test_a_service_that_is_not_there_tells_the_argument_to_check() -> None:
    url = "http://127.0.0.1:9"
    with (
        trillet.Trillet(api_key=KEY, base_url=url, max_retries=0) as client,
        pytest.raises(trillet.ConnectionFailedError, match="check base_url"),
    ):
        client.agents.list()


def test_a_closed_client_names_what_was_submitted(client: trillet.Trillet) -> None:
    client.close()
    with pytest.raises(trillet.ClientClosedError, match=r"^agents\.list: "):
        client.submit("agents.list")


def test_a_file_over_the_limit_tells_the_arguments_that_split_it() -> None:
    csv = "phone_number,x\n+12025550164,\n+12025550165,\n"
    (problem,) = trillet.check_csv(csv=csv, max_rows=1).problems
    assert problem.message.endswith("(max_rows)")
    assert problem.suggestion == "write the pieces with split_file and split_rows"


def test_the_values_of_a_file_keep_names_that_options_have() -> None:
    (problem,) = trillet.check_csv(csv="phone_number\nmaxRows\n").problems
    assert problem.value == "maxRows"
    assert "'maxRows'" in problem.message
