"""What a video file says of its making, and reading it back.

It goes wherever the video goes, so it holds what makes the video again and nothing of whose it is: no visitor, no
account, no path, no address; files are named by their digest alone. The record beside the video is read back too::

    {"studio": "0.1.0", "task_id": "…", "request": {"mode": "text-to-video", "prompt": "…", "seed": 7, …}}
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import studio
from studio.catalog.prompts import cleaned
from studio.catalog.requests import REQUESTS, inputs_of
from studio.jobs.model import Job
from studio.media.comment_tag import read_comment
from studio.system.parsing import json_of, too_many_values

_FILES = frozenset(name for kind in REQUESTS.values() for name in inputs_of(kind))
MOST_TEXT = 1 << 20
"""Characters of a record: what a studio writes has a few thousand."""
MOST_FILES = 20


def video_metadata(job: Job) -> str:
    """The text that is written into the job's video."""
    request = {name: value for name, value in job.request.to_json().items() if value is not None}
    made = {"studio": studio.__version__, "task_id": job.task_id, "request": _plain(request)}
    return json.dumps(made, ensure_ascii=False)


def settings_in(data: bytes) -> dict[str, Any] | None:
    """The settings in a video, its index or its record, as a form takes them; None when there are none.

    What comes back is of the right names; whether the values are allowed today is for the form to judge.
    """
    try:
        text = data[: MOST_TEXT + 1].decode() if data[:64].lstrip()[:1] == b"{" else read_comment(data)
        if text is None or len(text) > MOST_TEXT or too_many_values(text.encode("utf-8", "replace")):
            return None
        request = json_of(text)["request"]
        kind = REQUESTS[request["mode"]]
        known = {field.name for field in fields(kind) if field.init} | {"mode"}
        settings = _plain({name: value for name, value in request.items() if name in known and value is not None})
        return settings | {"prompt": cleaned(str(settings.get("prompt", "")))}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def digests_in(settings: Mapping[str, Any]) -> list[str]:
    """The files that settings name, by digest."""
    found = [value for name, value in settings.items() if name in _FILES]
    return [one["sha256"] for value in found for one in (value if isinstance(value, list) else [value])]


def _plain(request: Mapping[str, Any]) -> dict[str, Any]:
    """The request with its files reduced to their digests."""
    return {name: _digests(value) if name in _FILES else value for name, value in request.items()}


def _digests(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        if len(value) > MOST_FILES:
            raise ValueError("too many files")
        return [_digests(one) for one in value]
    if not re.fullmatch("[0-9a-f]{64}", value["sha256"]):
        raise ValueError("not a digest")
    return {"sha256": value["sha256"]}
