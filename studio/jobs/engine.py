"""The job engine: accepts jobs and sees that each piece of work on them runs to its end, whatever dies in between.

    accept ── row `queued` ──► submit workflow ── row `waiting` ──► watcher ── row `saving` ──► save workflow

The two pieces of work are durable workflows (``studio.jobs.durable``); a job that waits is only a row. The row is the
truth. A job whose request left and whose answer was lost is ``interrupted``, until its task is found
(``studio.jobs.watch.reconcile``).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import Future
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar, Unpack

from sqlalchemy.engine import URL

from studio.accounts.account import Account, in_sandbox
from studio.accounts.key_check import KeyCheck
from studio.accounts.missing import account_missing
from studio.accounts.served import ServedAccounts
from studio.catalog.models import CATALOG, ProviderName
from studio.catalog.pricing import ShownPrice, quote
from studio.catalog.requests import Request
from studio.database.states import ADOPTS, UNSENT, State
from studio.errors import AccountKept, NoSuchJob, NotAllowed, RequestRefused, StoreError
from studio.jobs.changes import Changes
from studio.jobs.durable.follower import ChangePoller
from studio.jobs.durable.workers import Supervisor, this_process
from studio.jobs.durable.workflows import SAVE, STOP_SECONDS, SUBMIT, Workflows
from studio.jobs.model import Event, Happening, Job, new_id
from studio.jobs.rows.columns import Columns
from studio.jobs.rows.idempotency import IdempotencyKey
from studio.jobs.rows.store import Store
from studio.jobs.save.saving import Saving
from studio.jobs.submit.admission import admit, require_model, require_sold
from studio.jobs.submit.publishing import Publisher, require_way
from studio.jobs.submit.submission import Submission
from studio.jobs.watch.durations import Durations, TypicalDuration
from studio.jobs.watch.orphaned import OrphanedJobs
from studio.jobs.watch.poll_loop import PollLoop
from studio.jobs.watch.reconcile import Reconciler
from studio.jobs.watch.watcher import Watcher
from studio.media.vault import Vault
from studio.message import Message
from studio.outputs.locations import Locations
from studio.providers.base import TaskStatus
from studio.system.pace import PACE, Pace
from studio.system.registry import Registry

log = logging.getLogger("studio.jobs")

T = TypeVar("T")


class Engine:
    """One process's share of the work. Its async methods may be awaited on any event loop."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        accounts: Mapping[str, Account],
        default_account: str,
        outputs: Locations,
        engine_url: str | URL,
        pace: Pace = PACE,
    ) -> None:
        """``engine_url`` keeps the workflows' own state: a SQLite file beside the store's, or the same PostgreSQL."""
        self._pace = pace
        self.store = store
        self.vault = vault
        self.accounts = accounts = ServedAccounts(accounts)
        default = accounts[default_account]
        self.offered: Registry[ProviderName, Account] = Registry(_offered([default, *accounts.values()], default.live))
        """The account for new jobs at each provider, the preferred one first; all cost money, or none does."""
        self._key_checks: dict[str, KeyCheck] = {}
        self.changes = Changes()
        self._durations = Durations(store.engine, store.clock, pace)
        store.on_change = self._changed
        self._worker = this_process(store.clock.wall())
        self._publisher = Publisher(vault, store.engine, store.clock)
        self._submission = Submission(store, accounts, self._publisher, pace)
        self._saving = Saving(store, accounts, outputs, pace)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="jobs", daemon=True)
        works = {SUBMIT: self._submission.run, SAVE: self._saving.run}
        self._workflows = Workflows(store, engine_url, self._loop, works, pace)
        self._supervisor = Supervisor(self._worker, store, accounts, self._workflows, self._submission.outages, pace)
        self._workflows.on_free = self._freed
        self._watchers: dict[str, Watcher] = {}
        self._reconcilers: dict[str, Reconciler] = {}
        self._rounds: dict[tuple[str, State], PollLoop] = {}
        """By account and state, who goes on with a job."""
        for account in accounts.values():
            self._serve(account)
        self._at_account: dict[str, list[Future[Any]]] = {}
        """By account, what goes on as long as it is here."""
        self._background: list[Future[Any]] = []

    def _serve(self, account: Account) -> None:
        """Make what looks after the jobs of an account."""
        name, store, pace = account.name, self.store, self._pace
        self._key_checks[name] = KeyCheck(account.provider, store.clock, pace)
        watcher = Watcher(account, store, self._publisher, self._worker.id, self._save_later, pace)
        reconciler = Reconciler(account, self.accounts, store, self._worker.id, self._submission.found, pace)
        self._watchers[name], self._reconcilers[name] = watcher, reconciler
        self._rounds[name, State.WAITING] = watcher.rounds
        self._rounds[name, State.INTERRUPTED] = reconciler.rounds

    # The owner's side

    async def check_account(self, account: Account) -> Decimal | None:
        """Have the key of an account that is not here looked at, at no cost; raises what ``Provider.check`` does."""
        return await self._on_loop(account.provider.check())

    async def add_accounts(
        self, accounts: Sequence[Account], first: Sequence[ProviderName] = (), keep: Callable[[], None] | None = None
    ) -> None:
        """Take jobs for more accounts, all of them or none, and go on with those that were without them.

        New jobs go there at once, or, where it costs money, instead of to the sandbox; ``first`` are the providers in
        the order in which they are offered. ``keep`` writes down that they are here; what it raises is raised, and
        nothing has changed. Raises AccountKept where there is one of such a name, and StoreError.
        """

        def add() -> None:
            with self.accounts.changing():
                for account in accounts:
                    if account.name in self.accounts:
                        raise AccountKept(Message("The account {name} already exists.", name=account.name))
                if keep is not None:
                    keep()
                for account in accounts:
                    self._serve(account)
                self.accounts.replace({**self.accounts, **{account.name: account for account in accounts}})
                self._offer(first)
                for account in accounts:
                    self._begin(account.name)

        await asyncio.to_thread(self.store.hasten, [account.name for account in accounts])
        await asyncio.to_thread(add)
        self._loop.call_soon_threadsafe(self._supervisor.wake)

    async def remove_account(
        self, name: str, first: Sequence[ProviderName] = (), forget: Callable[[], None] | None = None
    ) -> None:
        """Take no more jobs for an account, and forget its key. ``first`` is as of ``add_accounts``; ``forget`` writes
        down that it is gone, and what it raises is raised, and nothing has changed.

        Raises AccountKept while some of its jobs are under way: nobody could ask for their tasks.
        """

        def remove() -> Account:
            with self.accounts.changing():
                if under_way := self.store.unfinished().get(name, 0):
                    raise AccountKept(
                        Message(
                            "This account still has videos in progress: {count}. Remove its API key later.",
                            count=under_way,
                        )
                    )
                if forget is not None:
                    forget()
                gone = self.accounts[name]
                self.accounts.replace({other: one for other, one in self.accounts.items() if other != name})
                self._offer(first)
                return gone

        gone = await asyncio.to_thread(remove)
        await self._on_loop(self._dismiss(gone))

    async def _dismiss(self, account: Account) -> None:
        """End what looks after the jobs of an account."""
        for work in self._at_account.pop(account.name, []):
            work.cancel()
        for state in (State.WAITING, State.INTERRUPTED):
            self._rounds.pop((account.name, state), None)
        self._watchers.pop(account.name, None)
        self._reconcilers.pop(account.name, None)
        self._key_checks.pop(account.name, None)
        await account.provider.aclose()

    def _offer(self, first: Sequence[ProviderName]) -> None:
        """Let new jobs go to the accounts that are here: to those that cost money, where there are any."""
        accounts = self.accounts.values()

        def rank(account: Account) -> int:
            name = account.provider.name
            return first.index(name) if name in first else len(first)

        live = any(account.live for account in accounts)
        self.offered.replace(_offered(sorted(accounts, key=rank), live))

    # The visitor's side

    async def accept(
        self,
        owner: str,
        request: Request,
        account: str | None = None,
        *,
        network: str | None = None,
        idempotency: IdempotencyKey | None = None,
        shown: ShownPrice | None = None,
    ) -> Job:
        """Take a request on: once this returns, the job is on disk and will be sent, whatever happens to us."""
        return (
            await self.accept_all(owner, [request], account, network=network, idempotency=idempotency, shown=shown)
        )[0]

    async def accept_all(
        self,
        owner: str,
        requests: Sequence[Request],
        account: str | None = None,
        *,
        network: str | None = None,
        idempotency: IdempotencyKey | None = None,
        shown: ShownPrice | None = None,
    ) -> list[Job]:
        """Take several requests on, all of them or, when something is wrong with one, none.

        ``network`` is the one that the visitor asks from. What was asked with the same key is not made again: the
        jobs that were made then are given back. Raises PriceHigher if they cost more than was ``shown``.
        """
        if made := await asyncio.to_thread(self.store.made, owner, idempotency):
            return made
        jobs = [await self._new_job(owner, request, account, network) for request in requests]
        _require_price(jobs, shown)
        names = {job.account for job in jobs}
        accepted = await self._holding(names, lambda: self.store.add_all(jobs, idempotency))
        for job in accepted:
            await self._hand_over(SUBMIT, job)
        return accepted

    async def _holding(self, names: Collection[str], write: Callable[[], T]) -> T:
        """What ``write`` gives back, which puts jobs under way at these accounts, none of which goes meanwhile. Raises
        AccountMissing where one has gone since it was chosen."""

        def written() -> T:
            with self.accounts.held(names):
                return write()

        return await asyncio.to_thread(written)

    async def _new_job(self, owner: str, request: Request, account: str | None, network: str | None) -> Job:
        chosen = self._account(account, request)
        require_model(request)
        require_sold(request, chosen)
        request, input_seconds = await asyncio.to_thread(admit, request, owner, chosen, self.vault)
        require_way(request, chosen)
        now = self.store.clock.wall()
        return Job(
            id=new_id(now),
            owner=owner,
            account=chosen.name,
            region=chosen.region,
            state=State.QUEUED,
            request=request,
            quote=quote(request, chosen.region, input_seconds=input_seconds),
            created_at=now,
            updated_at=now,
            attempt=0,
            not_before=0.0,
            network=network,
        )

    async def job(self, owner: str, job_id: str) -> Job:
        """The visitor's job; raises NoSuchJob when there is none of that id, or it is another's."""
        job = await asyncio.to_thread(self.store.get, job_id)
        if job is None or job.owner != owner or job.deleted_at is not None:
            raise NoSuchJob(Message("There is no video with the ID {id}.", id=job_id))
        return job

    def progress(self, job_id: str) -> Mapping[str, float]:
        """The part of each file that has been published, 0 to 1, by sha256, while they are on their way from here."""
        return self._submission.progress.get(job_id, {})

    async def usual(self, job: Job) -> TypicalDuration | None:
        """How long jobs like this one take, while it is under way."""
        if job.state.ended:
            return None
        return await asyncio.to_thread(self._durations.usual, job)

    async def jobs(self, owner: str, *, before: str | None = None, limit: int = 20) -> list[Job]:
        """The visitor's jobs, newest first; ``before`` is the id of the last one of the page before."""
        return await asyncio.to_thread(lambda: self.store.page(owner, before=before, limit=limit))

    async def count(self, owner: str) -> int:
        """How many jobs the visitor has."""
        return await asyncio.to_thread(self.store.count, owner)

    async def history(self, owner: str, job_id: str) -> list[Event]:
        """All that happened to the job, oldest first."""
        job = await self.job(owner, job_id)
        return await asyncio.to_thread(self.store.history, job.id)

    async def cancel(self, owner: str, job_id: str) -> Job:
        """Withdraw the job: always while it is here, at the provider only until the task has started.

        Raises NotAllowed when it is too late, and what the provider raises.
        """
        job = await self.job(owner, job_id)
        canceled = await asyncio.to_thread(lambda: self.store.move(job.id, State.CANCELED, when=UNSENT, fault=None))
        if canceled is not None:
            return canceled
        job = await self.job(owner, job_id)
        if job.task is None or not job.cancelable:
            raise NotAllowed(Message("Its status is “{state}”: it can no longer be canceled.", state=job.status))
        return await self._on_loop(self._cancel_task(job, job.task.id))

    async def _cancel_task(self, job: Job, task_id: str) -> Job:
        provider = self._account(job.account, job.request).provider
        try:
            await provider.cancel(task_id)
        except RequestRefused:
            # A cancel whose first reply was lost is refused when it is repeated.
            if (await provider.get(task_id)).status is not TaskStatus.CANCELED:
                self._watchers[job.account].wake(job.id)
                raise NotAllowed(
                    "The provider has already started on this video. It can no longer be canceled."
                ) from None
        canceled = await asyncio.to_thread(
            lambda: self.store.move(
                job.id, State.CANCELED, when={State.WAITING}, task_status=TaskStatus.CANCELED, fault=None
            )
        )
        return canceled or await self.job(job.owner, job.id)

    async def stop_watching(self, owner: str, job_id: str) -> Job:
        """Leave a task to itself that cannot be canceled: the provider may still finish and charge it."""
        return await self._watch(owner, job_id, Happening.STOPPED, self.store.clock.wall())

    async def watch_again(self, owner: str, job_id: str) -> Job:
        """Watch a job again, as long as the provider keeps its task."""
        return await self._watch(owner, job_id, Happening.WATCHED, None)

    async def _watch(self, owner: str, job_id: str, what: Happening, stopped_at: float | None) -> Job:
        job = await self.job(owner, job_id)
        noted = await asyncio.to_thread(
            lambda: self.store.note(job.id, when={State.WAITING}, what=what, stopped_at=stopped_at, fault=None)
        )
        if noted is None:
            state = (await self.job(owner, job_id)).status
            raise NotAllowed(Message("Its status is “{state}”: it is not being tracked.", state=state))
        return noted

    async def adopt(self, owner: str, job_id: str, task_id: str) -> Job:
        """Let an interrupted or expired job go on with the task of this id.

        Raises NotAllowed, NoSuchTask, TaskTaken, NotItsTask and what the provider raises.
        """
        job = await self.job(owner, job_id)
        self._account(job.account, job.request)
        if job.state not in ADOPTS:
            raise NotAllowed(Message("Its status is “{state}”: it cannot take another task.", state=job.status))
        return await self._on_loop(self._reconcilers[job.account].adopt(job, task_id))

    async def send_anyway(
        self,
        owner: str,
        job_id: str,
        *,
        network: str | None = None,
        idempotency: IdempotencyKey | None = None,
        shown: ShownPrice | None = None,
    ) -> Job:
        """A new job like an interrupted one, at the visitor's risk: the task of the old one may exist and be charged.

        The old one stays as it is, so that its task has a place when it is found. Raises PriceHigher if the new one
        costs more than was ``shown``, which is the old one's price unless another is named.
        """
        if made := await asyncio.to_thread(self.store.made, owner, idempotency):
            return made[0]
        old = await self.job(owner, job_id)
        new = await self._new_job(owner, old.request, old.account, network)
        _require_price([new], shown or ShownPrice.with_job(old.quote))
        add = partial(self.store.add, new, in_place_of=old.id, idempotency=idempotency)
        job = await self._holding([new.account], add)
        if job is None:
            if made := await asyncio.to_thread(
                self.store.made, owner, idempotency
            ):  # by the same call, which came twice
                return made[0]
            raise NotAllowed("Only an interrupted video can be generated again at your own risk, and only once.")
        await self._hand_over(SUBMIT, job)
        return job

    async def send_again(
        self, owner: str, job_id: str, *, idempotency: IdempotencyKey | None = None, shown: ShownPrice | None = None
    ) -> Job:
        """Put a job back into the queue that certainly made no task: refused, or canceled before it was sent.

        It is checked and priced like a new one, and raises PriceHigher as of ``send_anyway``: its row may be old, or of
        another studio. One that waits for its account to take jobs is tried now.
        """
        job = await self.job(owner, job_id)
        if idempotency and await self._restarted(job, idempotency):
            return job
        self._account(job.account, job.request)
        require_model(job.request)
        if job.state is State.QUEUED and job.fault is not None and job.fault.of_account:
            return await self._try_now(job)
        if job.task is not None or (job.fault is not None and job.fault.charged != "no"):
            raise NotAllowed("This video reached the provider. Generate a new one with its settings instead.")
        key = {"idempotency_key": idempotency.key} if idempotency else None
        new = await self._new_job(owner, job.request, job.account, job.network)
        _require_price([new], shown or ShownPrice.with_job(job.quote))
        taken = Columns(request=new.request, quote=new.quote)
        try:
            return await self._restart(job, State.QUEUED, {State.FAILED, State.CANCELED}, SUBMIT, key, True, **taken)
        except NotAllowed:
            if idempotency and await self._restarted(job, idempotency):  # by the same call, which came twice at once
                return await self.job(owner, job_id)
            raise

    async def _restarted(self, job: Job, idempotency: IdempotencyKey) -> bool:
        """Whether a call with this key has put the job back into the queue."""
        history = await asyncio.to_thread(self.store.history, job.id)
        return any(event.detail.get("idempotency_key") == idempotency.key for event in history)

    async def _try_now(self, job: Job) -> Job:
        self._loop.call_soon_threadsafe(self._submission.outages.hasten, job.place)
        again = await asyncio.to_thread(
            lambda: self.store.note(job.id, when={State.QUEUED}, next_attempt=True, not_before=0.0)
        )
        return again or await self.job(job.owner, job.id)  # the look at what is due does the rest

    async def save_again(self, owner: str, job_id: str) -> Job:
        """Try once more to bring the result home."""
        job = await self.job(owner, job_id)
        if job.task is None or job.fault is None or job.fault.stage != "save":
            raise NotAllowed("There is no finished video to save.")
        return await self._restart(job, State.SAVING, {State.FAILED, State.EXPIRED}, SAVE)

    async def _restart(
        self,
        job: Job,
        to: State,
        when: set[State],
        work: str,
        detail: Mapping[str, str] | None = None,
        anew: bool = False,
        **changes: Unpack[Columns],
    ) -> Job:
        changes["not_before"], changes["fault"] = 0.0, None
        needed = [job.account] if work == SUBMIT else []  # a video is brought home from its own address
        moved = await self._holding(
            needed,
            lambda: self.store.move(
                job.id,
                to,
                when=when,
                attempt=job.attempt,
                detail=detail,
                next_attempt=True,
                anew=anew,
                **changes,
            ),
        )
        if moved is None:
            raise NotAllowed(Message("Its status is “{state}”: it cannot be generated again.", state=job.status))
        await self._hand_over(work, moved)
        return moved

    async def check_key(self, account: str) -> Decimal | None:
        """Have the account's key looked at, at no cost; its credits, if it has any. Raises what the provider does."""
        return await self._on_loop(self._key_checks[account].ask())

    def credits(self, account: str) -> Decimal | None:
        """The account's credits as they were last told."""
        check = self._key_checks.get(account)
        return check.credits if check else None

    def hint(self, provider: ProviderName, task_id: str) -> None:
        """Someone says that a task has ended: if it is waited for, it is looked at soon."""
        for account in self.accounts.values():
            if account.provider.name == provider and (watcher := self._watchers.get(account.name)):
                self._loop.call_soon_threadsafe(watcher.hint, task_id)

    def _account(self, name: str | None, request: Request) -> Account:
        """The account of that name, or the one that is offered for the request; NotAllowed when there is none."""
        account = self.offered.get(request.provider) if name is None else self.accounts.get(name)
        if name is not None and account is None:
            raise account_missing(name)
        if account is None or account.provider.name != request.provider:
            provider = CATALOG.provider_name(request.provider)
            raise NotAllowed(
                Message("{provider} has no account in this studio.", provider=provider)
                if account is None
                else Message("{name} is not an account of {provider}.", name=account.name, provider=provider)
            )
        return account

    @property
    def silence(self) -> float:
        """How many seconds ago this process's last sign of life reached the database."""
        return self._supervisor.silence

    def watching(self) -> dict[str, dict[str, Any]]:
        """By account, how long ago its watcher's last round went well, and what is in its way."""
        now = self.store.clock.monotonic()
        return {
            name: {
                "round_seconds_ago": None if (at := watcher.rounds.went_at) is None else round(now - at, 1),
                "trouble": watcher.trouble.kind if watcher.trouble else None,
                "since": watcher.trouble.since if watcher.trouble else None,
            }
            for name, watcher in [*self._watchers.items()]
        }

    # The working side

    def start(self) -> None:
        """Begin to work: first on what earlier processes left undone."""
        self.store.beat(self._worker)  # before it has any work: what it dies over must be missed
        self.store.hasten(list(self.accounts))
        self._thread.start()
        self._workflows.launch(self._worker.id)
        self._spawn(self._supervisor.run())
        self._spawn(OrphanedJobs(self.store, self.accounts, self._pace).run())
        for name in self.accounts:
            self._begin(name)
        if self.store.engine.dialect.name != "sqlite":
            self._spawn(self._follow_others())

    def stop(self, grace: float = 5.0) -> None:
        """Stop working. Submissions on the wire get ``grace`` seconds for an answer; what is cut goes on next time."""
        for task in self._background:
            task.cancel()
        for _ in range(round(grace / 0.05)):  # counted in naps, so that a machine that stalls takes nothing of it
            if not self._submission.on_the_wire:
                break
            time.sleep(0.05)
        self._workflows.stop()
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(STOP_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STOP_SECONDS)
        self._loop.close()
        self._saving.close()

    async def _close(self) -> None:
        for account in self.accounts.values():
            await account.provider.aclose()
        with contextlib.suppress(StoreError):
            await asyncio.to_thread(self.store.release, self._worker.id)

    def _changed(self, job: Job) -> None:
        """Tell the page of a change, and whoever goes on with the job; on any thread."""
        self.changes.publish(job)
        rounds = self._rounds.get((job.account, job.state))
        if rounds is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(rounds.rouse)

    def _freed(self) -> None:
        """There is a place for work that waits."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._supervisor.wake)

    async def _hand_over(self, work: str, job: Job) -> None:
        """Begin the work on a job that is on disk. If that fails, it is begun later: who asked has to hear that the
        job was accepted."""
        try:
            await self._on_loop(self._workflows.hand_over(work, job))
        except Exception:
            log.exception("job %s is handed over later", job.id)

    async def _save_later(self, job: Job) -> None:
        await self._workflows.hand_over(SAVE, job)

    async def _follow_others(self) -> None:
        """Publish the changes that other processes made to the shared database."""
        follower = ChangePoller(self.store, self.changes, self._pace)
        while True:
            await asyncio.sleep(self._pace.follow_seconds)
            try:
                await asyncio.to_thread(follower.look)
            except StoreError as error:
                log.error("%s", error)

    def _begin(self, account: str) -> None:
        """Let what looks after the jobs of an account go its rounds."""
        rounds = (self._rounds[account, state] for state in (State.WAITING, State.INTERRUPTED))
        self._at_account[account] = [self._spawn(one.go()) for one in rounds]

    def _spawn(self, work: Coroutine[Any, Any, None]) -> Future[None]:
        begun = asyncio.run_coroutine_threadsafe(work, self._loop)
        self._background.append(begun)
        return begun

    async def _on_loop(self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))


def _offered(accounts: Iterable[Account], live: bool) -> dict[ProviderName, Account]:
    """The first account of each provider, of those that cost money or of those that do not."""
    found: dict[ProviderName, Account] = {}
    for account in accounts:
        if account.live is live:
            found.setdefault(account.provider.name, account)
    return found


def _require_price(jobs: Sequence[Job], shown: ShownPrice | None) -> None:
    """Raise PriceHigher if new ``jobs`` cost more than was ``shown``. The sandbox charges nothing."""
    if shown is not None:
        shown.require([job.quote for job in jobs if not in_sandbox(job.account)])
