"""Making a job's files reachable for its provider.

An http(s) address that the visitor gave is used as it is; everything else goes through the provider's own temporary
upload, which lasts 48 hours, holds for the model it was made for, and is used again by later jobs while it lasts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from sqlalchemy import Engine, delete, insert, select

from studio.database import translated
from studio.errors import MediaUnreadable
from studio.jobs.accounts import Account
from studio.media.vault import Vault
from studio.requests import Asset, Request
from studio.schema import PUBLISHED

SPARE_SECONDS = 3600.0
"""An address must last so much longer: the provider fetches the file when it starts, not when the task is made."""
AT_ONCE = 3

Progress = Callable[[int, int], None]
"""Told of bytes sent and bytes in all."""


class Publisher:
    """Uploads files to providers, once for each account and model."""

    def __init__(self, vault: Vault, database: Engine) -> None:
        self._vault = vault
        self._database = database

    async def publish(self, request: Request, account: Account, progress: Progress) -> dict[str, str]:
        """The address of each file of ``request`` by its sha256; raises what ``Provider.upload`` raises."""
        urls: dict[str, str] = {}
        to_send: list[Asset] = []
        for asset in dict.fromkeys(request.assets):
            known = asset.url or await asyncio.to_thread(self._known, account.name, request.model, asset.sha256)
            if known:
                urls[asset.sha256] = known
            else:
                to_send.append(asset)
        urls |= await self._send(to_send, request.model, account, progress)
        return urls

    async def _send(self, assets: Sequence[Asset], model: str, account: Account, progress: Progress) -> dict[str, str]:
        paths = {asset.sha256: self._vault.path(asset.sha256) for asset in assets}
        for asset in assets:
            if not paths[asset.sha256].exists():
                raise MediaUnreadable(f"{asset.name} is no longer in the studio: add it again.")
        whole = sum(path.stat().st_size for path in paths.values())
        sent: dict[str, int] = {}
        slots = asyncio.Semaphore(AT_ONCE)

        async def send(asset: Asset) -> tuple[str, str]:
            def told(count: int) -> None:
                sent[asset.sha256] = count
                progress(sum(sent.values()), whole)

            async with slots:
                published = await account.provider.upload(paths[asset.sha256], asset.name, model, told)
            await asyncio.to_thread(
                self._remember, account.name, model, asset.sha256, published.url, published.expires_at
            )
            return asset.sha256, published.url

        # Of several that fail the first error counts; the others' uploads are let finish and are of use next time.
        results = await asyncio.gather(*map(send, assets), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return dict(result for result in results if not isinstance(result, BaseException))

    def _known(self, account: str, model: str, sha256: str) -> str | None:
        query = select(PUBLISHED.c.url).where(
            PUBLISHED.c.account == account,
            PUBLISHED.c.model == model,
            PUBLISHED.c.sha256 == sha256,
            PUBLISHED.c.expires_at > time.time() + SPARE_SECONDS,
        )
        with translated(), self._database.connect() as connection:
            return connection.execute(query).scalar_one_or_none()

    def _remember(self, account: str, model: str, sha256: str, url: str, expires_at: float) -> None:
        key = {"account": account, "model": model, "sha256": sha256}
        where = [PUBLISHED.c[name] == value for name, value in key.items()]
        with translated(), self._database.begin() as connection:
            connection.execute(delete(PUBLISHED).where(*where))
            connection.execute(insert(PUBLISHED).values(**key, url=url, expires_at=expires_at))
