from __future__ import annotations

import pytest

from studio.web.history.columns import cells
from studio.web.text import Translation
from tests.databases import make_job


@pytest.mark.parametrize(
    ("account", "provider", "cost"),
    [("dashscope:beijing", "DashScope", "¥8.00"), ("sandbox", "Test mode", "Free")],
)
def test_a_row_names_the_provider_and_what_it_cost_there_or_that_it_was_a_test(
    account: str, provider: str, cost: str
) -> None:
    row = cells(make_job(account=account), Translation("en"))
    assert (row["provider"], row["cost"]) == (provider, cost)
