"""Rows and workflows that have lost each other: found, mended and said.

A row says what is to be done, and a workflow does it. They come apart where a database holds copies of different
moments, or where the workflows' tables are new and the rows are not. Then a row waits for a workflow that is not
there, or that worked for it in what has been forgotten since; or a workflow waits for a worker that nobody knows, or
belongs to no row.

A workflow that has ended may have sent its job. Where the row does not know of it, the job is interrupted and its task
looked for: nothing is sent again that may have been paid for.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection

from studio.database.states import WORKED_ON, State
from studio.errors import ReplyLost
from studio.jobs.durable.workflows import SAVE, SUBMIT, Workflow, Workflows, id_of
from studio.jobs.rows.store import JobProgress, Store

log = logging.getLogger("studio.jobs")

REQUEUED, INTERRUPTED, SAVED = "jobs queued again", "jobs interrupted", "jobs saved again"
RESUMED, DELETED = "workflows resumed", "workflows deleted"


def recover(store: Store, workflows: Workflows, worker_id: str) -> Counter[str]:
    """Mend what does not belong together, and say in one line how much of what that was.

    Rows are read before workflows, since a workflow is written down before it touches its row: what another worker does
    meanwhile looks like progress and not like loss. Every change of a row is guarded by the state and attempt read.
    """
    rows = store.worked_on()
    unfinished = {workflow.id: workflow for workflow in workflows.unfinished()}
    workers = {worker.id for worker in store.workers()} | {worker_id}
    alone = workers == {worker_id}
    mended: Counter[str] = Counter()

    lacking = {_id_for(row): row for row in rows if _id_for(row) not in unfinished}
    known = {workflow.id: workflow for workflow in workflows.known(lacking)}
    for its_id, row in lacking.items():
        workflow = known.get(its_id)
        if (workflow is None or workflow.ended_at is not None) and not workflows.works_on(its_id):
            mended.update(_mend(store, row, workflow, alone))

    lost = [workflow for workflow in unfinished.values() if workflow.enqueued or workflow.executor not in workers]
    mended.update(_settle(store, workflows, lost))
    if mended:
        counts = ", ".join(f"{count} {what}" for what, count in sorted(mended.items()))
        log.warning("jobs and workflows were not of one moment: %s", counts)
    return mended


def _mend(store: Store, row: JobProgress, workflow: Workflow | None, alone: bool) -> list[str]:
    """See to a row without a workflow, or with one that has ended; what was done."""
    if row.state is State.SUBMITTING:
        # Of a workflow that has ended, a worker that was frozen and taken for dead may still be at it.
        return [INTERRUPTED] if (workflow is None or alone) and _interrupt(store, row) else []
    if workflow is None:  # queued, and to be saved, it has its turn as ever
        back = row.state is State.PUBLISHING and store.move(
            row.id, State.QUEUED, when={row.state}, attempt=row.attempt, next_attempt=True, not_before=0.0
        )
        return [REQUEUED] if back else []
    if row.state is State.SAVING:
        saved = store.note(row.id, when={row.state}, attempt=row.attempt, next_attempt=True, not_before=0.0)
        return [SAVED] if saved else []
    if not alone:  # as above
        return []
    sent = store.move(
        row.id, State.SUBMITTING, when={row.state}, attempt=row.attempt, submitting_at=workflow.ended_at, fault=None
    )
    return [INTERRUPTED] if sent and _interrupt(store, row) else []


def _interrupt(store: Store, row: JobProgress) -> bool:
    fault = ReplyLost("The studio’s database does not show whether this request was sent.")
    moved = store.move(
        row.id, State.INTERRUPTED, when={State.SUBMITTING}, attempt=row.attempt, fault=fault.fault("submit")
    )
    return moved is not None


def _settle(store: Store, workflows: Workflows, lost: Collection[Workflow]) -> Counter[str]:
    """Run on what nobody runs and is to be done, and delete what is not, or belongs to no job."""
    rows = store.standing([workflow.job_id for workflow in lost])
    resumed: list[Workflow] = []
    deleted: list[Workflow] = []
    for workflow in lost:
        row = rows.get(workflow.job_id)
        if row is None:
            deleted.append(workflow)
        elif not workflow.enqueued:
            needed = row.state in WORKED_ON and _id_for(row) == workflow.id
            (resumed if needed else deleted).append(workflow)
    workflows.resume(resumed)
    workflows.delete(deleted)
    return +Counter({RESUMED: len(resumed), DELETED: len(deleted)})


def _id_for(row: JobProgress) -> str:
    return id_of(SAVE if row.state is State.SAVING else SUBMIT, row.id, row.attempt)
