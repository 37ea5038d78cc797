"""What Gradio can be asked to run, and whether a call of it has the form of one.

Gradio takes much of a call for granted: a name that is none breaks a route of it, and an empty name of a session its
queue, for everybody.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gradio.queueing import Queue

from studio.web.edge.answers import Refused

JOIN = "/gradio_api/queue/join"
BY_NAME = "/gradio_api/call/v2/"
_QUEUED = ("/gradio_api/call/", JOIN)

MOST_WAITING = 1000
"""Events in Gradio's queue. It tells at most 2000 sessions apart."""
MOST_OF_NETWORK = 100
"""Events of one network that wait there or run."""


@dataclass(frozen=True)
class Endpoints:
    """What Gradio can be asked to run."""

    names: Collection[str]
    numbers: Collection[int]
    parameters: Mapping[str, Sequence[inspect.Parameter]]
    """Of the endpoints that are for scripts."""
    queue: Queue

    def judge(self, path: str, event: Any, network: str) -> None:
        """Raises ``Refused`` when there is no such endpoint, or when the call or its caller asks too much of it."""
        name = path.rstrip("/").rpartition("/")[2]
        if path.startswith(BY_NAME):
            self._judge_by_name(name, event)
        else:
            said = event if isinstance(event, dict) else {}
            number = said.get("fn_index")
            if "/call/" in path or number is None:
                found = name in self.names
            else:
                found = type(number) is int and number in self.numbers
            if not found:
                raise Refused(404, "no_endpoint")
            if said.get("batched"):  # what only the queue itself may say
                raise Refused(400, "malformed", where="batched")
            if path == JOIN and not said.get("session_hash"):
                raise Refused(400, "session_name")
        if path.startswith(_QUEUED):
            self._judge_queue(network)

    def _judge_by_name(self, name: str, body: Any) -> None:
        if name not in self.parameters:
            raise Refused(404, "no_endpoint")
        if not isinstance(body, dict):
            raise Refused(400, "malformed", where="body")
        parameters = {one.name: one.default for one in self.parameters[name]}
        for other in body:
            if other not in parameters:
                raise Refused(400, "api.unnamed", name=other, names=", ".join(parameters))
        for name, default in parameters.items():
            if default is inspect.Parameter.empty and body.get(name) is None:
                raise Refused(400, "api.missing", name=name)

    def _judge_queue(self, network: str) -> None:
        waiting = [event for queued in self.queue.event_queue_per_concurrency_id.values() for event in queued.queue]
        running = [event for events in self.queue.active_jobs if events for event in events]
        theirs = sum(event.request.state.network == network for event in (*waiting, *running))
        if len(waiting) >= MOST_WAITING or theirs >= MOST_OF_NETWORK:
            raise Refused(503, "much_arrives")
