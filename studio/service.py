"""The studio as one object: settings, database, accounts, engine, and the sandbox when it is needed."""

from __future__ import annotations

import json
import logging
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import SecretStr

from studio.catalog import ProviderName
from studio.clouds import live_accounts, sandbox_accounts
from studio.config import Settings
from studio.errors import ConfigError, StoreError
from studio.jobs.accounts import in_sandbox
from studio.jobs.engine import Engine
from studio.jobs.ledger import DailyLimit
from studio.jobs.library import Library
from studio.jobs.presets import Presets
from studio.jobs.store import Store
from studio.media.links import Links
from studio.media.vault import Vault

log = logging.getLogger("studio")

SECRET_BYTES = 32
SWEEP_SECONDS = 60.0
"""Between two looks for what was deleted and can no longer be restored."""
FILES_SWEEP_SECONDS = 3600.0
"""Between two looks through the files that were given: all of them are looked at."""


class Studio:
    """Everything behind the page. Use as a context manager: it works on jobs while it is entered."""

    def __init__(self, settings: Settings) -> None:
        """Open the database and start the sandbox if one is needed; raises StudioError when something is in the way."""
        self.settings = settings
        self.output_dir = settings.output_dir
        self.port = settings.port or _free_port(settings.host)
        self.secret = (
            settings.secret.get_secret_value().encode() if settings.secret else _kept_secret(settings.data_dir)
        )
        sandbox = None if settings.live else SandboxProcess(settings.data_dir / "sandbox")
        limit = None if settings.daily_limit is None else DailyLimit(settings.daily_limit)
        store = Store(settings.database(), limit)
        # A sandbox job that is under way is brought to its end even after a key was set.
        if sandbox is None and any(map(in_sandbox, store.unfinished())):
            sandbox = SandboxProcess(settings.data_dir / "sandbox")
        self.sandbox = sandbox
        self.links = Links(settings.public_address or "", self.secret)
        accounts = live_accounts(settings, self.secret)
        if sandbox is not None:
            accounts += sandbox_accounts(sandbox.addresses, settings, self.secret, self.port)
        on_sqlite = store.engine.dialect.name == "sqlite"
        engine_url = f"sqlite:///{settings.data_dir / 'engine.db'}" if on_sqlite else settings.database()
        self.vault = Vault(settings.data_dir / "media", store.engine)
        by_name = {account.name: account for account in accounts}
        self.engine = Engine(store, self.vault, by_name, accounts[0].name, settings.output_dir, engine_url)
        self.library = Library(store, settings.output_dir)
        self.presets = Presets(store.engine)
        self._leaving = threading.Event()

    def __enter__(self) -> Self:
        self.engine.start()
        threading.Thread(target=self._sweep, name="sweep", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.set()
        self.engine.stop()
        if self.sandbox is not None:
            self.sandbox.stop()
        self.vault.close()
        self.engine.store.close()

    def _sweep(self) -> None:
        """Delete what is too old, what was deleted, and now and then what was given and not used."""
        keep_days, files_swept_at = self.settings.keep_days, 0.0
        while not self._leaving.wait(SWEEP_SECONDS):
            now = time.time()
            try:
                if keep_days is not None:
                    self.library.expire(now - keep_days * 86400)
                self.library.sweep(now)
                if now - files_swept_at > FILES_SWEEP_SECONDS:
                    self.vault.sweep(now)
                    files_swept_at = now
            except (StoreError, OSError) as error:
                log.error("what was deleted is swept later: %s", error)


class SandboxProcess:
    """The sandbox as a child process. It ends with its parent, however that ends, and is started again if it dies."""

    def __init__(self, data_dir: Path) -> None:
        """Start it; ``addresses`` waits until it answers."""
        self._data_dir = data_dir
        self._stopping = False
        self._process = self._start()

    @cached_property
    def addresses(self) -> dict[ProviderName, tuple[str, SecretStr]]:
        """Its URL and key for each provider; raises ConfigError when it cannot start, after it said why itself."""
        addresses = self._ready()
        threading.Thread(target=self._keep_running, args=(addresses,), name="sandbox", daemon=True).start()
        return addresses

    def _start(self) -> subprocess.Popen[str]:
        # The child leaves when its standard input closes, which even a killed parent's does.
        return subprocess.Popen(
            [sys.executable, "-m", "studio.sandbox", "--data", str(self._data_dir), "--exit-with-parent"],
            cwd=Path(__file__).parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _ready(self) -> dict[ProviderName, tuple[str, SecretStr]]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise ConfigError(
                f"The sandbox did not start (exit status {self._process.wait()}); its reason stands above."
            )
        dashscope = json.loads(line)
        aivideoapi = dashscope["aivideoapi"]
        return {
            "dashscope": (dashscope["url"], SecretStr(dashscope["key"])),
            "aivideoapi": (aivideoapi["url"], SecretStr(aivideoapi["key"])),
        }

    def _keep_running(self, addresses: dict[ProviderName, tuple[str, SecretStr]]) -> None:
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
            if again != addresses:
                log.error("the sandbox came back at %s: restart the studio", again["dashscope"][0])

    def stop(self) -> None:
        self._stopping = True
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()


def _kept_secret(data_dir: Path) -> bytes:
    """The secret that signs cookies, made at the first start; if two start at once, both take the one that is there
    first. ConfigError when it is cut: then anyone could sign, and with another one no visitor would be known."""
    path = data_dir / "secret"
    if not path.exists():
        partial = data_dir / f"secret.{secrets.token_hex(4)}.part"
        try:
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(SECRET_BYTES))
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(partial, path)
            except FileExistsError:
                pass
            except OSError:  # a file system without hard links
                partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    secret = path.read_bytes()
    if len(secret) < SECRET_BYTES:
        raise ConfigError(
            f"{path}, which signs the visitors' cookies, was cut: it has {len(secret)} bytes and not {SECRET_BYTES}. "
            "Put it back from a copy, or delete it: then every visitor is a new one, who sees no earlier video."
        )
    return secret


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
