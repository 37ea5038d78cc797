from __future__ import annotations

from pathlib import Path

import pytest
from mypy import api

from tests.servers import ROOT

WRITERS = """
import asyncio
from functools import partial

from sqlalchemy import insert

from studio.database.rows import EventRow
from studio.database.schema import EVENTS
from studio.database.states import State
from studio.jobs.rows.store import Store


async def write(store: Store) -> None:
    {line}
"""


@pytest.mark.slow
def test_a_misspelled_column_or_a_value_of_a_wrong_type_is_found_before_it_runs(tmp_path: Path) -> None:
    right = 'store.move("a", State.WAITING, task_id="t", submitted_at=1.0)'
    wrong = (
        right.replace("task_id", "taskid"),
        right.replace("1.0", '"now"'),
        'store.note("a", when=set(), resul_url=None)',
        'store.note("a", when=set(), fault="gone")',
        'await asyncio.to_thread(store.move, "a", State.WAITING, taskid="t")',
        'await asyncio.to_thread(store.note, "a", when=set(), submitted_at="now")',
        'partial(store.move, "a", State.WAITING, taskid="t")',
        'insert(EVENTS).values(**EventRow(job_id="a", at=1.0, what="queued"))',
        'insert(EVENTS).values(**EventRow(job_id="a", at="now", what="queued", detail={}))',
    )
    for number, line in enumerate((right, *wrong)):
        (tmp_path / f"writer{number}.py").write_text(WRITERS.format(line=line))
    modules = [str(path) for path in tmp_path.glob("writer*.py")]
    told, complaints, _ = api.run(["--strict", "--config-file", str(ROOT / "pyproject.toml"), *modules])
    assert not complaints
    found = {Path(line.partition(":")[0]).stem for line in told.splitlines() if ": error:" in line}
    assert found == {f"writer{number}" for number in range(1, len(wrong) + 1)}, told
