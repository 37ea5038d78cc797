from __future__ import annotations

import ast
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from studio.errors import ProgramUnavailable
from studio.system.children import MB, Bounds, Child, Done, run
from tests.servers import ROOT

pytestmark = pytest.mark.process

POSIX = pytest.mark.skipif(os.name != "posix", reason="there are no such limits")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="there is no such limit")


def python(script: str, limits: Bounds | None = None, **options: object) -> Done:
    return run([sys.executable, "-I", "-S", "-c", script], limits or Bounds(20), **options)  # type: ignore[arg-type]


def ended(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def wait_until_ended(pid: int) -> None:
    deadline = time.monotonic() + 20
    while not ended(pid):
        assert time.monotonic() < deadline, f"{pid} still runs"
        time.sleep(0.01)


def test_a_child_answers_what_it_is_asked() -> None:
    done = python("import sys; sys.stdout.write(sys.stdin.read()[::-1]); sys.exit(3)", question=b"horse")
    assert (done.code, done.output, done.failed) == (3, b"esroh", True)


def test_its_lines_are_told_as_they_come_and_its_last_words_are_kept() -> None:
    lines: list[str] = []
    done = python("import sys; print('one'); print('two'); print('x' * 9**6 + '\\nthe end', file=sys.stderr)",
                  on_line=lines.append)  # fmt: skip
    assert [line.strip() for line in lines] == ["one", "two"]
    assert done.reason == "the end"
    assert len(done.errors) < 100_000


def test_one_that_hangs_is_ended_at_its_deadline_with_all_that_it_started(tmp_path: Path) -> None:
    started = tmp_path / "started"
    script = f"""
import subprocess, sys, pathlib, time
child = subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"])
pathlib.Path({str(started)!r}).write_text(str(child.pid))
time.sleep(60)
"""
    done = python(script, Bounds(3, file_bytes=MB))
    assert (done.late, done.failed) == (True, True)
    wait_until_ended(int(started.read_text()))


def test_one_that_says_too_much_is_ended() -> None:
    done = python("while True: print('x' * 1000)", Bounds(20, output=50_000))
    assert done.talkative
    assert len(done.output) <= 50_000


def test_a_line_without_end_is_no_way_around_that() -> None:
    heard: list[str] = []
    done = python("import sys\nwhile True: sys.stdout.write('x' * 1000)", Bounds(20, output=200_000),
                  on_line=heard.append)  # fmt: skip
    assert done.talkative
    assert sum(map(len, heard)) <= 200_000


def test_canceling_ends_it_at_once() -> None:
    cancelled = threading.Event()
    threading.Timer(0.2, cancelled.set).start()
    begun = time.monotonic()
    assert python("import time; time.sleep(60)", Bounds(60), cancelled=cancelled).canceled
    assert time.monotonic() - begun < 20


def test_a_listener_that_breaks_ends_it(tmp_path: Path) -> None:
    def listen(line: str) -> None:
        raise ZeroDivisionError(line)

    before = {child.pid for child in psutil.Process().children()}
    with pytest.raises(ZeroDivisionError, match="begun"):
        python("print('begun', flush=True); import time; time.sleep(60)", on_line=listen)
    assert all(ended(child.pid) for child in psutil.Process().children() if child.pid not in before and
               "-I" in child.cmdline())  # fmt: skip


@LINUX
def test_its_memory_is_bounded() -> None:
    hungry = "b = bytearray(400 * 2**20); print(len(b))"
    assert not python(hungry, Bounds(20, memory=800 * MB)).failed
    assert python(hungry, Bounds(20, memory=200 * MB)).reason == "MemoryError"


@POSIX
def test_its_processor_time_is_bounded() -> None:
    done = python("while True: pass", Bounds(60, cpu_seconds=1))
    assert done.code < 0
    assert not done.late


@POSIX
def test_what_it_writes_is_bounded(tmp_path: Path) -> None:
    write = f"open({str(tmp_path / 'file')!r}, 'wb').write(bytes(100_000))"
    assert not python(write, Bounds(20, file_bytes=200_000)).failed
    assert "File too large" in python(write, Bounds(20, file_bytes=50_000)).reason
    assert "File too large" in python(write, Bounds(20)).reason


@POSIX
def test_what_it_opens_is_bounded_and_it_leaves_no_core() -> None:
    done = python("import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE)[1],"
                  " resource.getrlimit(resource.RLIMIT_CORE)[1])", Bounds(20, files=40))  # fmt: skip
    # The standard library's compiled modules are found without ``-S``, too.
    assert done.output.split() == [b"40", b"0"], done


@POSIX
def test_what_it_writes_is_its_owners_alone(tmp_path: Path) -> None:
    folder, file = tmp_path / "folder", tmp_path / "folder" / "file"
    python(f"import os; os.mkdir({str(folder)!r}); open({str(file)!r}, 'w').write('x')", Bounds(20, file_bytes=MB))
    assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)


def test_it_sees_nothing_of_keys_settings_and_home(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = ("DASHSCOPE_API_KEY", "AIVIDEOAPI_KEY", "STUDIO_SECRET", "STUDIO_S3_SECRET", "DATABASE_URL",
               "HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "HTTPS_PROXY", "HOME", "ANYTHING_ELSE")  # fmt: skip
    for name in secrets:
        monkeypatch.setenv(name, "a-secret")
    monkeypatch.setenv("LANG", "C.UTF-8")
    said = python("import os; print(dict(os.environ))").output.decode()
    assert "a-secret" not in said
    assert "'PATH'" in said
    assert "C.UTF-8" in said


@pytest.mark.parametrize("program", ["no-such-program", "/no/such/ffmpeg"])
def test_a_program_that_is_missing_is_called_so(program: str) -> None:
    with pytest.raises(ProgramUnavailable, match=f"{Path(program).name} is not installed. Install it"):
        run([program, "-version"], Bounds(1))


def test_arguments_reach_it_as_they_are() -> None:
    strange = ["", "two words", "$HOME", "`id`", "--", "-c", "é馬\n", "'\"\\"]
    done = run([sys.executable, "-I", "-S", "-c", "import sys; print(ascii(sys.argv[1:]))", *strange], Bounds(20))
    assert ast.literal_eval(done.output.decode()) == strange


@POSIX
def test_children_end_with_a_parent_that_was_killed() -> None:
    script = """
import sys, time
from studio.system.children import Child, Bounds
ended, left = (Child([sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"], Bounds(None)) for _ in "ab")
ended.close()
print(left.pid, flush=True)
time.sleep(60)
"""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=pipe, text=True) as parent:
        assert parent.stdout is not None
        left = int(parent.stdout.readline())
        assert not ended(left)
        parent.kill()
    wait_until_ended(left)


def test_children_end_with_a_parent_that_leaves() -> None:
    script = """
import sys
from studio.system.children import Child, Bounds
print(Child([sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"], Bounds(None)).pid, flush=True)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    wait_until_ended(int(done.stdout))


def test_one_that_lives_on_is_spoken_to_and_closed() -> None:
    echo = "import sys\nfor line in sys.stdin: print(line.upper(), end='', flush=True)"
    with Child([sys.executable, "-I", "-S", "-c", echo], Bounds(None), stdin=True) as child:
        for word in (b"one\n", b"two\n"):
            child.input.write(word)
            child.input.flush()
            assert child.output.readline().strip() == word.strip().upper()
        with pytest.raises(TimeoutError):
            child.wait(0.01)
    assert ended(child.pid)


def test_no_other_module_starts_a_process() -> None:
    """Nor runs ffmpeg by way of the library that writes its command lines, nor Pillow's own viewers."""
    starters = {"subprocess", "multiprocessing", "pty", "concurrent.futures.process"}
    calls = {
        *("create_subprocess_exec", "create_subprocess_shell", "subprocess_exec", "popen", "system", "fork"),
        *("forkpty", "posix_spawn", "posix_spawnp", "startfile", "run_async", "probe", "Popen", "ProcessPoolExecutor"),
    }
    guilty = []
    for path in [*ROOT.glob("studio/**/*.py"), ROOT / "app.py"]:
        if path.relative_to(ROOT).as_posix() == "studio/system/children.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names if alias.name in starters]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module] if node.module in starters else []
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in calls:
                names = [node.func.attr] if getattr(node.func.value, "id", "") in _MODULES else []
            guilty += [f"{path.relative_to(ROOT)}:{node.lineno}: {name}" for name in names]
    assert guilty == []


_MODULES = ("asyncio", "os", "ffmpeg", "loop", "anyio", "psutil")


def test_nothing_of_one_platform_is_needed_at_import() -> None:
    hidden = "import sys\nfor name in ('resource', 'fcntl', 'pwd', 'grp', 'termios'): sys.modules[name] = None\n"
    script = (
        f"{hidden}import studio.system.children, studio.system.work_queue, studio.system.ffmpeg, studio.media.vault"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
