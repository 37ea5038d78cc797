"""The studio as one object: settings, database, accounts, engine, and the sandbox when it is needed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import math
import os
import secrets
import sys
import threading
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import SecretStr

from studio.accounts.account import Account, in_sandbox
from studio.accounts.configured import CALLBACKS, live_account, live_accounts, own_address, sandbox_accounts
from studio.accounts.limits import Limits
from studio.accounts.streams import Streams
from studio.catalog.models import CATALOG, ProviderName
from studio.config import AddedKey, Settings, keys, sqlite_url
from studio.database.states import State
from studio.errors import AccountKept, ConfigError, NoLimits, SaveError, StoreError
from studio.jobs.engine import Engine
from studio.jobs.model import Job
from studio.jobs.rows.store import Store
from studio.jobs.save import saving
from studio.library.history import Library
from studio.library.presets import Presets
from studio.media.links import PATH, Links
from studio.media.vault import Vault
from studio.message import Message
from studio.outputs.locations import open_locations
from studio.system import listening
from studio.system.children import PROXIES, Bounds, Child
from studio.system.clock import CLOCK, Clock, PatientClock
from studio.system.disk import Reserve
from studio.system.pace import PACE, Pace
from studio.system.slots import SlotQueue

log = logging.getLogger("studio")

SECRET_BYTES = 32
FETCHES, FETCHES_OF_ONE = 64, 10
"""Addresses that are fetched at once, for all visitors and for one: as many as the largest form has inputs. The next
waits for its turn."""


class Studio:
    """Everything behind the page. Use as a context manager: it works on jobs while it is entered."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock = CLOCK,
        pace: Pace = PACE,
        accounts: Callable[[Settings, bytes, Clock, Pace], list[Account]] = live_accounts,
    ) -> None:
        """Open the database and start the sandbox if one is needed; raises StudioError when something is in the way.

        ``accounts`` makes those that the settings give; the sandbox's are added.
        """
        self.settings = settings
        self.clock = clock
        self.pace = pace
        self.port = settings.port or listening.free_port(settings.host)
        self.secret = (
            settings.secret.get_secret_value().encode() if settings.secret else _signing_secret(settings.data_dir)
        )
        self.reserve = Reserve(settings.disk_reserve)
        self.outputs = open_locations(settings, self.reserve)
        self.outputs.current.check()
        self.limits = Limits.of(settings)
        if self.limits.missing:
            log.warning("%s", NoLimits(self.limits.missing))
        if settings.s3_endpoint and not (settings.s3_bucket or self.outputs.remote):
            log.warning(
                "STUDIO_S3_ENDPOINT is set and nothing uses it: set STUDIO_S3_BUCKET to the bucket from which clouds "
                "are to fetch files, or OUTPUT_DIR to s3://bucket/prefix to save videos there."
            )
        self._files_clock = PatientClock(clock)
        """Files bear the time of this machine, rows perhaps that of the database's server."""
        store = Store(settings.database(), self.limits, clock, pace)
        self._miss_earlier(store.newest_saved())
        # A sandbox job that is under way is brought to its end even after a key was set. Nothing is begun before the
        # database is of this version: where it cannot be, the earlier one finds all as it left it.
        needed = not settings.live or any(map(in_sandbox, store.unfinished()))
        self.sandbox = self._start_sandbox() if needed else None
        self.links = Links(settings.public_address or "", self.secret, clock)
        found = accounts(settings, self.secret, clock, pace)
        if self.sandbox is not None:
            found += self._sandbox_accounts(self.sandbox)
        on_sqlite = store.engine.dialect.name == "sqlite"
        engine_url = sqlite_url(settings.data_dir / "engine.db") if on_sqlite else settings.database()
        self.vault = Vault(settings.data_dir / "media", store.engine, self.limits, self.reserve, clock, pace)
        by_name = {account.name: account for account in found}
        self.engine = Engine(store, self.vault, by_name, found[0].name, self.outputs, engine_url, pace)
        self.library = Library(store, self.outputs, pace)
        self.presets = Presets(store.engine, store.clock)
        self.streams = Streams(settings.visitor_streams, settings.streams)
        self.fetches = SlotQueue(FETCHES, FETCHES_OF_ONE)
        self._leaving = threading.Event()
        self._changing_accounts = asyncio.Lock()

    def _start_sandbox(self) -> SandboxProcess:
        own = own_address(self.settings, self.port)
        reached = ["--own", own + PATH, "--own", own + CALLBACKS]
        if self.settings.allow_private_urls:
            reached.append("--private-urls")
        return SandboxProcess(self.settings.data_dir / "sandbox", reached)

    def _sandbox_accounts(self, sandbox: SandboxProcess) -> list[Account]:
        return sandbox_accounts(sandbox.addresses, self.settings, self.secret, self.port, self.clock, self.pace)

    async def add_account(self, name: ProviderName, added: AddedKey) -> Account:
        """Have the key of a cloud looked at, at no cost, and if it is good keep it in the data folder and send new jobs
        there from now on. Jobs under way elsewhere go on.

        Raises ConfigError for a key that can be none, AccountKept where the cloud has an account here, what
        ``Provider.check`` raises, KeysNotSaved, and StoreError. Then nothing has changed.
        """
        async with self._changing_accounts:
            if name in self.settings.providers:
                raise AccountKept(Message("{provider} already has an API key.", provider=CATALOG.providers[name].name))
            settings = self.settings.with_key(name, added)
            account = live_account(name, settings, self.secret, self.clock, self.pace)
            try:
                await self.engine.check_account(account)
                keep = partial(self._keep_key, settings, name, added)
                await self.engine.add_accounts([account], settings.providers, keep)
            except Exception:
                await account.provider.aclose()
                raise
            log.info("%s has an account: its key was added in the page", CATALOG.providers[name].name)
            return account

    async def remove_account(self, name: ProviderName) -> None:
        """Forget a key that was added in the page; without any, new jobs go to the sandbox.

        Raises AccountKept while jobs of the account are under way, or where the environment sets the key, KeysNotSaved,
        and StoreError. Then the account and its key are as they were.
        """
        async with self._changing_accounts:
            if name not in self.settings.added_keys:
                raise AccountKept("This API key was not added on this page. Whoever set it can remove it.")
            settings = self.settings.without_key(name)
            if not settings.live and self.sandbox is None:
                await self._add_sandbox()
            forget = partial(self._keep_key, settings, name, None)
            if name in self.settings.providers:
                await self.engine.remove_account(self.engine.offered[name].name, settings.providers, forget)
            else:  # STUDIO_PROVIDER keeps to the sandbox
                await asyncio.to_thread(forget)
            log.info("%s has no account any more: its key was removed in the page", CATALOG.providers[name].name)

    async def _add_sandbox(self) -> None:
        sandbox = await asyncio.to_thread(self._start_sandbox)
        try:
            accounts = await asyncio.to_thread(self._sandbox_accounts, sandbox)
            await self.engine.add_accounts(accounts, self.settings.providers)
        except Exception:
            await asyncio.to_thread(sandbox.stop)
            raise
        self.sandbox = sandbox

    def _keep_key(self, settings: Settings, name: ProviderName, added: AddedKey | None) -> None:
        """Go by ``settings``, once their key of a cloud is in the file, or with None gone from it."""
        keys.put(self.settings.data_dir, name, added)
        self.settings = settings

    def _miss_earlier(self, job: Job | None) -> None:
        """Say so if the videos are nowhere whose rows are of a version that did not say where they lie."""
        if job is None or job.video is None or job.video.location is not None:
            return
        with contextlib.suppress(SaveError):
            if self.outputs.find(None, job.video.path) is None:
                log.warning(
                    "Earlier videos are not found, %s among them. Start the studio once with OUTPUT_DIR set to the "
                    "folder in which they lie: it is remembered, and OUTPUT_DIR can be changed afterwards.",
                    job.video.path,
                )

    @property
    def output_dir(self) -> Path:
        """The local folder in which results are made whole."""
        return self.outputs.workplace

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
        keep_days, files_swept_at, o_clock = self.settings.keep_days, -math.inf, self.clock.monotonic
        while not self._leaving.wait(self.pace.sweep_seconds):
            now = self.library.clock.now()
            try:
                if keep_days is not None:
                    self.library.expire(now - keep_days * 86400)
                self.library.sweep(now)
                if o_clock() - files_swept_at > self.pace.files_sweep_seconds:
                    self.sweep_files()
                    files_swept_at = o_clock()
            except (StoreError, SaveError, OSError) as error:
                log.error("what was deleted is swept later: %s", error)

    def sweep_files(self) -> None:
        """Delete what was given and not used, and what was not written to its end."""
        now = self._files_clock.now()
        self.vault.sweep(now)
        saving.sweep(self.outputs, self.engine.store.in_state(State.SAVING), now)


class SandboxProcess:
    """The sandbox as a child process. It ends with its parent, however that ends, and is started again if it dies."""

    def __init__(self, data_dir: Path, reached: Sequence[str]) -> None:
        """Start it; ``addresses`` waits until it answers. ``reached`` are its arguments on what it may fetch beyond the
        public web."""
        self._data_dir = data_dir
        self._reached = reached
        self._stopping = False
        self._process = self._start()

    @cached_property
    def addresses(self) -> dict[ProviderName, tuple[str, SecretStr]]:
        """Its URL and key for each provider; raises ConfigError when it cannot start, after it said why itself."""
        addresses = self._ready()
        threading.Thread(target=self._keep_running, args=(addresses,), name="sandbox", daemon=True).start()
        return addresses

    @property
    def running(self) -> bool:
        """Whether it lives now; when it dies, it is started again."""
        return self._process.running

    def _start(self) -> Child:
        # The child leaves when its standard input closes, which even a killed parent's does.
        return Child(
            [
                *(sys.executable, "-m", "studio.sandbox", "--data", str(self._data_dir), "--exit-with-parent"),
                *self._reached,
            ],
            Bounds(None, memory=None, file_bytes=None, files=None, nice=0),  # what it starts is limited
            stdin=True,
            errors=False,
            more=PROXIES,
            folder=Path(__file__).parent.parent,
        )

    def _ready(self) -> dict[ProviderName, tuple[str, SecretStr]]:
        line = self._process.output.readline()
        if not line:
            raise ConfigError(
                f"The sandbox did not start (exit status {self._process.wait()}); its reason stands above."
            )
        clouds = json.loads(line)["clouds"]
        return {name: (cloud["url"], SecretStr(cloud["key"])) for name, cloud in clouds.items()}

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
                log.error("the sandbox came back at %s: restart the studio", next(iter(again.values()))[0])

    def stop(self) -> None:
        self._stopping = True
        with contextlib.suppress(OSError):  # it ended by itself
            self._process.input.close()
        with contextlib.suppress(TimeoutError):
            self._process.wait(5)
        self._process.close()


def _signing_secret(
    data_dir: Path,
    fresh: Callable[[int], bytes] = secrets.token_bytes,
    link: Callable[[Path, Path], None] = os.link,
) -> bytes:
    """The secret that signs cookies, made at the first start; if two start at once, both take the one that is there
    first. ConfigError when it is cut: then anyone could sign, and with another one no visitor would be known."""
    path = data_dir / "secret"
    if not path.exists():
        partial = data_dir / f"secret.{secrets.token_hex(4)}.part"
        try:
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(fresh(SECRET_BYTES))
                file.flush()
                os.fsync(file.fileno())
            try:
                link(partial, path)
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
