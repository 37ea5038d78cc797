"""The accounts that a process works for, which come and go while it runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from studio.accounts.account import Account
from studio.accounts.missing import account_missing
from studio.system.registry import Registry
from studio.system.shared_lock import SharedLock


class ServedAccounts(Registry[str, Account]):
    """By name. None of them goes while a job is being written down for it."""

    def __init__(self, accounts: Mapping[str, Account]) -> None:
        super().__init__(accounts)
        self._lock = SharedLock()

    @contextmanager
    def held(self, names: Collection[str]) -> Iterator[None]:
        """Keep these accounts here as long as the context lasts; raises AccountMissing where one has gone. Blocks while
        they are changed."""
        with self._lock.shared():
            for name in names:
                if name not in self:
                    raise account_missing(name)
            yield

    def changing(self) -> AbstractContextManager[None]:
        """Change them by ``replace`` as long as the context lasts; blocks until none is held."""
        return self._lock.alone()
