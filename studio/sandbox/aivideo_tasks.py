"""A task as AIVideoAPI tells of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from studio.sandbox.refusal import upstream
from studio.sandbox.tasks import SandboxTask

_STATUSES = {"PENDING": "pending", "RUNNING": "processing", "SUCCEEDED": "completed", "FAILED": "failed"}


def described(task: SandboxTask, base: str | None = None) -> dict[str, Any]:
    """A task as its query and its callback describe it, with a result at ``base``, else where it was submitted."""
    about: dict[str, Any] = {
        "id": task.id,
        "status": _STATUSES[task.status],
        "model": task.model,
        "created_at": int(task.created_at),
    }
    if task.status == "FAILED":
        if task.code is None:
            return about
        code, message = upstream(task.code, task.message or "")
        return about | {"error": {"code": code, "message": message}}
    if task.status != "SUCCEEDED":
        return about | {"progress": None}
    assert task.ended_at is not None
    assert task.usage is not None
    usage = {"video_count": task.usage["video_count"], "video_duration": task.usage["output_video_duration"]}
    if "ratio" in task.usage:
        usage["video_ratio"] = task.usage["ratio"]
    output = {"urls": [(base or task.host) + path_of(task)], "metadata": {"usage": usage}}
    return about | {"completed_at": int(task.ended_at), "output": output}


def path_of(task: SandboxTask) -> str:
    """Where its result is."""
    return f"/videos/{datetime.fromtimestamp(task.ended_at or 0, UTC):%Y/%m/%d}/{task.id}.mp4"
