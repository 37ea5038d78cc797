from __future__ import annotations

import pytest
from sqlalchemy import Table

from studio.database import rows, schema
from studio.jobs.rows.columns import Columns


@pytest.mark.parametrize(
    ("row", "table"),
    [
        (rows.JobColumns, schema.JOBS),
        (rows.EventRow, schema.EVENTS),
        (rows.JobTagRow, schema.JOB_TAGS),
        (rows.PresetRow, schema.PRESETS),
        (rows.HoldingRow, schema.HOLDINGS),
        (rows.JobFileRow, schema.JOB_FILES),
        (rows.PublishedRow, schema.PUBLISHED),
        (rows.WorkerRow, schema.WORKERS),
        (rows.LeaseRow, schema.LEASES),
    ],
    ids=lambda given: given.name if isinstance(given, Table) else "",
)
def test_a_row_has_the_columns_of_its_table_and_may_be_null_where_they_may(row: type, table: Table) -> None:
    columns = {column.name: column for column in table.c if column.autoincrement is not True}
    types = {name: str(kind) for name, kind in row.__annotations__.items() if "Json" not in str(kind)}
    assert row.__annotations__.keys() == columns.keys()
    assert {name for name, kind in types.items() if "None" in kind} == {
        name for name in types if columns[name].nullable
    }


def test_what_a_move_may_change_are_columns_of_a_job() -> None:
    assert Columns.__annotations__.keys() <= set(schema.JOBS.c.keys())
