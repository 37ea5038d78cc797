"""The studio as one object: settings, database, accounts, engine, and the sandbox when it is needed."""

from __future__ import annotations

import json
import logging
import os
import secrets
import subprocess
import sys
import threading
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import SecretStr

from studio.catalog import CATALOG
from studio.config import Settings
from studio.errors import ConfigError
from studio.jobs.accounts import SANDBOX, Account
from studio.jobs.engine import Engine
from studio.jobs.store import Store
from studio.media.vault import Vault
from studio.providers.dashscope import DashScope

log = logging.getLogger("studio")

SANDBOX_POLL_SECONDS = 1.0
"""The sandbox takes seconds where the cloud takes minutes."""


class Studio:
    """Everything behind the page. Use as a context manager: it works on jobs while it is entered."""

    def __init__(self, settings: Settings) -> None:
        """Open the database and start the sandbox if one is needed; raises StudioError when something is in the way."""
        self.settings = settings
        self.output_dir = settings.output_dir
        self.secret = (
            settings.secret.get_secret_value().encode() if settings.secret else _kept_secret(settings.data_dir)
        )
        sandbox = None if settings.live else SandboxProcess(settings.data_dir / "sandbox")
        store = Store(settings.database())
        # A sandbox job that is under way is brought to its end even after a key was set.
        if sandbox is None and SANDBOX in store.unfinished():
            sandbox = SandboxProcess(settings.data_dir / "sandbox")
        self.sandbox = sandbox
        accounts = self._accounts()
        on_sqlite = store.engine.dialect.name == "sqlite"
        engine_url = f"sqlite:///{settings.data_dir / 'engine.db'}" if on_sqlite else settings.database()
        self.vault = Vault(settings.data_dir / "media", store.engine)
        self.engine = Engine(store, self.vault, accounts, next(iter(accounts)), settings.output_dir, engine_url)

    def _accounts(self) -> dict[str, Account]:
        """The accounts by name, the one for new jobs first."""
        settings = self.settings
        rules = CATALOG.providers["dashscope"]
        accounts: dict[str, Account] = {}
        if settings.live:
            assert settings.dashscope_api_key is not None
            region = settings.dashscope_region
            accounts[f"dashscope:{region}"] = Account(
                f"dashscope:{region}",
                DashScope(
                    settings.dashscope_host(),
                    settings.dashscope_api_key,
                    region,
                    workspace=settings.dashscope_workspace,
                ),
                region,
                live=True,
                poll_seconds=settings.poll_seconds or rules.poll_seconds.value,
            )
        if self.sandbox is not None:
            accounts[SANDBOX] = Account(
                SANDBOX,
                DashScope(*self.sandbox.address, "beijing"),
                "beijing",
                live=False,
                poll_seconds=settings.poll_seconds or SANDBOX_POLL_SECONDS,
            )
        return accounts

    def __enter__(self) -> Self:
        self.engine.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.engine.stop()
        if self.sandbox is not None:
            self.sandbox.stop()
        self.vault.close()
        self.engine.store.close()


class SandboxProcess:
    """The sandbox as a child process. It ends with its parent, however that ends, and is started again if it dies."""

    def __init__(self, data_dir: Path) -> None:
        """Start it; ``address`` waits until it answers."""
        self._data_dir = data_dir
        self._stopping = False
        self._process = self._start()

    @cached_property
    def address(self) -> tuple[str, SecretStr]:
        """Its URL and key; raises ConfigError when it cannot start, after it said why itself."""
        address = self._ready()
        threading.Thread(target=self._keep_running, args=address, name="sandbox", daemon=True).start()
        return address

    def _start(self) -> subprocess.Popen[str]:
        # The child leaves when its standard input closes, which even a killed parent's does.
        return subprocess.Popen(
            [sys.executable, "-m", "studio.sandbox", "--data", str(self._data_dir), "--exit-with-parent"],
            cwd=Path(__file__).parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _ready(self) -> tuple[str, SecretStr]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise ConfigError(
                f"The sandbox did not start (exit status {self._process.wait()}); its reason stands above."
            )
        hello = json.loads(line)
        return hello["url"], SecretStr(hello["key"])

    def _keep_running(self, url: str, key: SecretStr) -> None:
        while True:
            status = self._process.wait()
            if self._stopping:
                return
            log.warning("the sandbox ended (exit status %s), starting it again", status)
            self._process = self._start()
            try:
                again = self._ready()
            except ConfigError as error:
                log.error("%s", error)
                return
            if again != (url, key):
                log.error("the sandbox came back at %s instead of %s: restart the studio", again[0], url)

    def stop(self) -> None:
        self._stopping = True
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()


def _kept_secret(data_dir: Path) -> bytes:
    """The secret that signs cookies, made at the first start."""
    path = data_dir / "secret"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
    return path.read_bytes()
