"""The one launcher of child processes. No other module starts any, and what a child may take is said here.

On POSIX the system's shell sets the limits on itself and then becomes the program (``ulimit …; exec``). So there is no
moment at which the program runs without them, nothing of Python runs between fork and exec while other threads hold
locks (as a ``preexec_fn`` would), and macOS and the BSDs have it too. It costs 2 ms more than a bare start, where a
Python of its own would cost 20. Memory is limited by what the program writes to (``RLIMIT_DATA``, which counts private
mappings), since ffmpeg reserves several times the addresses that it uses; ``RLIMIT_AS`` stands a gibibyte above it.

Each child leads a session of its own and is killed with all that it has started: at its deadline, when it is canceled,
when it says more than it may, and when this process ends. For the case that this process is killed there is a warden, a
shell that waits for the end of a pipe and knows which groups are alive.

Where there is no such shell (Windows), deadline, number and size of output hold all the same: see ``docs/children.md``.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Self

from studio.errors import ProgramUnavailable
from studio.message import Message
from studio.system.work_queue import TURNS, Work

MB = 1 << 20
ERROR_BYTES = 64 << 10
"""Kept of what a child says on standard error: the last of it."""
_CHUNK = 64 << 10
GUARD_SECONDS = 0.05
"""Between two looks at whether a child is still wanted."""

ALLOWED = frozenset(
    {
        "PATH", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE",
        "TZ", "TMPDIR", "TEMP", "TMP",
        "GCONV_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH",
        "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH",
        "PYTHONPATH", "PYTHONHOME", "PYTHONUTF8", "PYTHONDONTWRITEBYTECODE",
        "SYSTEMROOT", "WINDIR", "PATHEXT", "COMSPEC",
    }
)  # fmt: skip
"""What a child sees of the environment. No key, no secret, no setting, no home."""
PROXIES = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"})
"""What a child that fetches from the web has to see, too."""

_SHELL = Path("/bin/sh")
_LIMITED = os.name == "posix" and _SHELL.exists()
_BECOME = 'for limit; do shift; [ "$limit" = -- ] && break; ulimit $limit 2>/dev/null; done; exec "$@"'
"""Takes limits as ``ulimit`` has them, ``--``, and the program. A limit that stands lower already, stays."""
_WARDEN = """
trap '' INT TERM HUP
groups=' '
while read -r sign group; do
    case $sign in
        +) groups="$groups$group " ;;
        -) groups="${groups%% $group *} ${groups#* $group }" ;;
    esac
done
for group in $groups; do kill -KILL "-$group" 2>/dev/null; done
"""


@dataclass(frozen=True)
class Bounds:
    """What a child may take. None is no limit."""

    seconds: float | None
    """By the clock, from its start."""
    memory: int | None = 512 * MB
    """Bytes that it may have allocated."""
    cpu_seconds: int | None = None
    """Of all its threads together; by default what ``seconds`` allow on every processor."""
    file_bytes: int | None = 0
    """The largest file that it may write; 0 is none."""
    files: int | None = 64
    """Open at once."""
    output: int = 4 * MB
    """Bytes on standard output."""
    nice: int = 5
    """How far it stands back behind the studio itself, 0 to 19."""

    def of(self, **changes: object) -> Bounds:
        return replace(self, **changes)  # type: ignore[arg-type]

    def words(self) -> list[str]:
        """As the shell's ``ulimit`` has them: memory in kibibytes, files in blocks of 512 bytes."""
        cpu = self.cpu_seconds
        if cpu is None and self.seconds is not None:
            cpu = int(self.seconds * (os.cpu_count() or 1)) + 1
        words = ["-c 0"]
        if self.memory is not None:
            words += [f"-d {self.memory >> 10}", f"-v {(self.memory >> 10) + (1 << 20)}"]
        if cpu is not None:
            words.append(f"-t {cpu}")
        if self.file_bytes is not None:
            words.append(f"-f {-(-self.file_bytes // 512)}")
        if self.files is not None:
            words.append(f"-n {self.files}")
        return words


@dataclass(frozen=True)
class Done:
    """How a child ended."""

    code: int
    """Exit status; negative is the signal that ended it."""
    output: bytes
    """What it said on standard output, unless each line was told."""
    errors: str
    """The end of what it said on standard error."""
    late: bool = False
    """Killed at its deadline."""
    canceled: bool = False
    talkative: bool = False
    """Killed because it said more than it may."""

    @property
    def failed(self) -> bool:
        return self.code != 0 or self.late or self.canceled or self.talkative

    @property
    def reason(self) -> str:
        """Its last words, else what became of it."""
        if self.talkative:
            return "it said too much"
        if self.late:
            return "it timed out"
        lines = self.errors.strip().splitlines()
        if self.code < 0 and not lines:
            with contextlib.suppress(ValueError):
                return f"ended by {signal.Signals(-self.code).name}"
        return lines[-1].strip() if lines else f"ended with {self.code}"


class Child:
    """A running child. Use ``run`` for one that is asked once; this is for those that live on."""

    def __init__(
        self,
        command: Sequence[str | Path],
        bounds: Bounds,
        *,
        stdin: bool = False,
        errors: bool = True,
        more: frozenset[str] = frozenset(),
        folder: Path | None = None,
    ) -> None:
        """Start ``command``; raises ProgramUnavailable.

        ``stdin`` is whether it is to be spoken to; ``errors`` whether its standard error is read (else it is ours);
        ``more`` are further names of the environment, in any case of letters.
        """
        program, *arguments = map(str, command)
        found = shutil.which(program)
        if found is None:
            raise ProgramUnavailable(missing(program))
        full = [found, *arguments]
        if _LIMITED:
            full = [str(_SHELL), "-c", _BECOME, "limits", *bounds.words(), "--", *full]
        apart = {"start_new_session": True, "umask": 0o077} if os.name == "posix" else {}
        try:
            self._process = subprocess.Popen(  # type: ignore[call-overload]
                full,
                stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE if errors else None,
                env=environment(more),
                cwd=folder,
                **apart,
            )
        except OSError as error:  # no process, no memory, no descriptor is left
            reason = error.strerror or str(error)
            raise ProgramUnavailable(
                Message("{program} cannot be started: {reason}.", program=Path(found).name, reason=reason)
            ) from error
        _alive.add(self)
        if bounds.nice and hasattr(os, "setpriority"):
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self.pid, bounds.nice)

    @property
    def pid(self) -> int:
        pid: int = self._process.pid
        return pid

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    @property
    def input(self) -> IO[bytes]:
        stdin: IO[bytes] = self._process.stdin
        return stdin

    @property
    def output(self) -> IO[bytes]:
        stdout: IO[bytes] = self._process.stdout
        return stdout

    @property
    def errors(self) -> IO[bytes] | None:
        stderr: IO[bytes] | None = self._process.stderr
        return stderr

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def kill(self) -> None:
        """End it and all that it started. It is still to be waited for."""
        if os.name == "posix":
            with contextlib.suppress(OSError):  # until it is waited for, nobody else has its number
                if self._process.returncode is None:
                    os.killpg(self.pid, signal.SIGKILL)
        self._process.kill()

    def wait(self, seconds: float | None = None) -> int:
        """Its exit status; raises TimeoutError when it has not ended by then."""
        try:
            code: int = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError from None
        _alive.discard(self)
        return code

    def close(self) -> None:
        """Kill it, wait for it, close its pipes."""
        self.kill()
        self.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def run(
    command: Sequence[str | Path],
    bounds: Bounds,
    *,
    question: bytes | None = None,
    on_line: Callable[[str], None] | None = None,
    cancelled: threading.Event | None = None,
    folder: Path | None = None,
) -> Done:
    """Start ``command``, wait for its end, tell how it ended; raises ProgramUnavailable.

    Where this thread has no turn, one is waited for. ``question`` is what the child gets on standard input; ``on_line``
    is called with each line that it says, and what that raises ends it and is raised here. Setting ``cancelled`` ends
    it within a tenth of a second.
    """
    return TURNS.do(Work.CHECK, None, lambda: _run(command, bounds, question, on_line, cancelled, folder))


def _run(
    command: Sequence[str | Path],
    bounds: Bounds,
    question: bytes | None,
    on_line: Callable[[str], None] | None,
    cancelled: threading.Event | None,
    folder: Path | None,
) -> Done:
    ended = threading.Event()
    end: dict[str, bool] = {}
    errors = bytearray()
    output = bytearray()
    with Child(command, bounds, stdin=question is not None, folder=folder) as child:

        def guard() -> None:
            deadline = None if bounds.seconds is None else time.monotonic() + bounds.seconds
            while not ended.is_set():
                left = None if deadline is None else deadline - time.monotonic()
                if cancelled is not None and cancelled.is_set():
                    end["canceled"] = True
                elif left is not None and left <= 0:
                    end["late"] = True
                if end:
                    child.kill()
                    return
                ended.wait(left if cancelled is None else GUARD_SECONDS)

        def listen() -> None:
            assert child.errors is not None
            while said := child.errors.read1(8192):  # type: ignore[attr-defined]
                errors.extend(said)
                del errors[:-ERROR_BYTES]

        helpers = [threading.Thread(target=work, daemon=True) for work in (guard, listen)]
        for helper in helpers:
            helper.start()
        try:
            if question is not None:
                with contextlib.suppress(OSError):  # it may end without listening
                    child.input.write(question)
                with contextlib.suppress(OSError):
                    child.input.close()
            heard = 0
            hear = child.output.readline if on_line else child.output.read1  # type: ignore[attr-defined]
            while said := hear(_CHUNK):
                heard += len(said)
                if heard > bounds.output:
                    end["talkative"] = True
                    child.kill()
                    break
                if on_line:
                    on_line(said.decode("utf-8", "replace"))
                else:
                    output += said
            code = child.wait()
        finally:
            ended.set()
            child.kill()
            for helper in helpers:
                helper.join(5)
    return Done(code, bytes(output), errors.decode("utf-8", "replace"), **end)


def environment(more: frozenset[str] = frozenset()) -> dict[str, str]:
    """What a child sees of ours."""
    seen = {name: value for name, value in os.environ.items() if name.upper() in ALLOWED | more}
    # Threads of a glibc program reserve 128 MB each for memory of their own; two such areas do.
    return seen | {"MALLOC_ARENA_MAX": "2"}


def missing(program: str) -> str:
    """A sentence for a program that is not there."""
    return Message(
        "{program} is not installed. Install it and try again (your system’s ffmpeg package has both ffmpeg "
        "and ffprobe).",
        program=Path(program).name,
    )


class _Alive:
    """The children that run, and the warden that kills their groups when this process is no more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._children: set[Child] = set()
        self._warden: subprocess.Popen[bytes] | None = None

    def add(self, child: Child) -> None:
        with self._lock:
            self._children.add(child)
            self._tell(f"+ {child.pid}\n")

    def discard(self, child: Child) -> None:
        with self._lock:
            if child in self._children:
                self._children.remove(child)
                self._tell(f"- {child.pid}\n")

    def _tell(self, line: str) -> None:
        if not _LIMITED:
            return
        with contextlib.suppress(OSError):
            if self._warden is None or self._warden.poll() is not None:
                self._warden = self._started()
                return
            assert self._warden.stdin is not None
            self._warden.stdin.write(line.encode())
            self._warden.stdin.flush()

    def _started(self) -> subprocess.Popen[bytes]:
        warden = subprocess.Popen(
            [str(_SHELL), "-c", _WARDEN],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.defpath},
            start_new_session=True,
        )
        assert warden.stdin is not None
        warden.stdin.write("".join(f"+ {child.pid}\n" for child in self._children).encode())
        warden.stdin.flush()
        return warden

    def close(self) -> None:
        """Kill all that run."""
        with self._lock:
            children, warden = [*self._children], self._warden
        for child in children:
            child.kill()
        if warden is not None:
            with contextlib.suppress(OSError):
                warden.communicate(timeout=5)


_alive = _Alive()
atexit.register(_alive.close)
