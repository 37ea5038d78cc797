"""The sandbox tells of a task's end as AIVideoAPI does: body, headers, retries."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from tests.sandbox.aivideo import Account, t2v
from tests.servers import SandboxServer


class Listener:
    """Takes callbacks and answers each with the next of ``answers``, at last with 200; None is no answer."""

    def __init__(self) -> None:
        self.answers: list[int | None] = []
        self.calls: list[tuple[float, dict[str, str], Any]] = []
        """When each came, its headers in lower case, and its body."""
        self.over = threading.Event()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                headers = {name.lower(): value for name, value in self.headers.items()}
                listener.calls.append((time.time(), headers, body))
                status = listener.answers.pop(0) if listener.answers else 200
                if status is None:
                    listener.over.wait(60)
                    return
                self.send_response(status)
                if status // 100 == 3:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhook?of=studio"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()

    def hear(self, count: int) -> list[tuple[float, dict[str, str], Any]]:
        """Wait until so many callbacks came, and a little for one too many."""
        deadline = time.monotonic() + 30
        while len(self.calls) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.3)
        assert len(self.calls) == count
        return self.calls


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as listener:
        yield listener


@pytest.fixture
def account(instant_sandbox: SandboxServer) -> Account:
    instant_sandbox.rules(callback_delays=[0.2, 0.4])
    return Account(instant_sandbox)


@pytest.mark.parametrize(("prompt", "status"), [("A horse", "completed"), ("sandbox:fail=Timeout", "failed")])
def test_an_end_is_told_once_with_the_tasks_own_words(
    account: Account, listener: Listener, prompt: str, status: str
) -> None:
    before = int(time.time())
    task_id = account.task(t2v(prompt, callback_url=listener.url))
    ((_, headers, body),) = listener.hear(1)
    assert body == account.get(task_id)
    assert body["status"] == status
    assert headers["content-type"] == "application/json"
    assert headers["x-event"] == f"task.{status}"
    assert headers["x-task-id"] == task_id
    assert before <= int(headers["x-timestamp"]) <= time.time()
    assert "authorization" not in headers


def test_a_task_without_a_callback_url_ends_in_silence(account: Account, listener: Listener) -> None:
    account.finished(account.task())
    listener.hear(0)


@pytest.mark.parametrize("answers", [[500], [404, 302], [None]])
def test_what_is_not_taken_is_told_again(account: Account, listener: Listener, answers: list[int | None]) -> None:
    account.sandbox.rules(callback_seconds=1.5 if None in answers else 30)
    listener.answers = list(answers)
    account.task(t2v(callback_url=listener.url))
    calls = listener.hear(len(answers) + 1)
    assert all(body == calls[0][2] for _, _, body in calls)
    assert calls[1][0] - calls[0][0] >= 0.2


def test_the_third_try_is_the_last(account: Account, listener: Listener) -> None:
    listener.answers = [503] * 9
    task_id = account.task(t2v(callback_url=listener.url))
    (first, _, _), (second, _, _), (third, _, _) = listener.hear(3)
    assert second - first >= 0.2
    assert third - second >= 0.4
    assert account.get(task_id)["status"] == "completed"


def test_the_tries_are_three_and_ten_minutes_apart_unless_told_otherwise(instant_sandbox: SandboxServer) -> None:
    rules = instant_sandbox.post("/_control/rules", {})
    assert (rules["callback_delays"], rules["callback_seconds"]) == ([180, 600], 10)


@pytest.mark.process
def test_what_is_not_told_yet_is_told_after_a_restart(tmp_path: Path, listener: Listener) -> None:
    with SandboxServer(tmp_path, "--instant", seconds=0) as sandbox:
        account = Account(sandbox)
        sandbox.rules(pending=0, callback_delays=[1.5, 600])
        listener.answers = [500]
        task_id = account.task(t2v(callback_url=listener.url))
        listener.hear(1)
        sandbox.kill()
        sandbox.restart()
        (first, _, _), (second, headers, _) = listener.hear(2)
        assert headers["x-task-id"] == task_id
        assert second - first >= 1.5
        sandbox.restart()
        listener.hear(2)
