"""Making a job's files reachable for its provider.

What was judged and priced is what goes out: the bytes in the vault. They are uploaded where the account has an upload,
the provider's own or that of a bucket; it lasts 48 hours, holds for the model it was made for, and is used again by
later jobs while it lasts. Else the provider fetches them from the studio, by a signed address. Only where neither is
there the provider is given the http(s) address that the visitor gave, where it may find something else
(``studio.jobs.submit.admission`` says at which price).
"""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Callable, Mapping, Sequence
from weakref import WeakValueDictionary

from sqlalchemy import Engine, delete, insert, select

from studio.accounts.account import Account
from studio.catalog.models import CATALOG
from studio.catalog.requests import Asset, Request
from studio.database.engine import translated
from studio.database.rows import PublishedRow
from studio.database.schema import PUBLISHED
from studio.errors import MediaUnreadable, PublishFailed
from studio.media.links import Links
from studio.media.vault import Vault
from studio.message import Message
from studio.providers.base import Upload
from studio.system.clock import CLOCK, Clock

SPARE_SECONDS = 2 * 3600.0
"""An address must last so much longer: the provider fetches the file when it starts, not when the task is made. And our
clock may have been put back by an hour."""
AT_ONCE = 3

Progress = Callable[[Mapping[str, float]], None]
"""Is told the part of each file that has been sent, 0 to 1, by its sha256."""


class Publisher:
    """Gives each file an address that the provider can fetch; uploads once for each account and model."""

    def __init__(self, vault: Vault, database: Engine, clock: Clock = CLOCK) -> None:
        self._vault = vault
        self._clock = clock
        self._database = database
        self._sending: WeakValueDictionary[tuple[str, str, str], asyncio.Lock] = WeakValueDictionary()
        """Held while a file is uploaded, by account, model and sha256: who wants the same one waits for it."""

    async def publish(self, request: Request, account: Account, progress: Progress) -> dict[str, str]:
        """The address of each file of ``request`` by its sha256; raises PublishFailed and what the upload raises."""
        require_way(request, account)
        if account.upload is not None:
            assets = self._assets(request)
            return await self._uploaded(assets, request.model, account.name, account.upload, progress)
        if account.links is not None:
            return {asset.sha256: await self._linked(asset, account.links) for asset in self._assets(request)}
        return {asset.sha256: asset.url for asset in request.assets if asset.url}

    def _assets(self, request: Request) -> list[Asset]:
        """The files of ``request``, each once; raises MediaUnreadable when one is not in the vault any more."""
        assets = list({asset.sha256: asset for asset in request.assets}.values())
        for asset in assets:
            if not self._vault.path(asset.sha256).exists():
                raise MediaUnreadable(Message("{name} is no longer in the studio: add it again.", name=asset.name))
        return assets

    async def forget(self, request: Request, account: str) -> None:
        """Let the files of ``request`` be uploaded anew next time: the provider could make nothing of them."""
        digests = [asset.sha256 for asset in request.assets]
        await asyncio.to_thread(self._forget, account, request.model, digests)

    async def _linked(self, asset: Asset, links: Links) -> str:
        media_type = await asyncio.to_thread(self._vault.media_type, asset.sha256)
        return links.to(asset.sha256, mimetypes.guess_extension(media_type) or "")

    async def _uploaded(
        self, assets: Sequence[Asset], model: str, account: str, upload: Upload, progress: Progress
    ) -> dict[str, str]:
        urls: dict[str, str] = {}
        for asset in assets:
            if known := await asyncio.to_thread(self._known, account, model, asset.sha256):
                urls[asset.sha256] = known
        paths = {asset.sha256: self._vault.path(asset.sha256) for asset in assets if asset.sha256 not in urls}
        parts = dict.fromkeys(paths, 0.0)
        slots = asyncio.Semaphore(AT_ONCE)

        async def send(asset: Asset) -> tuple[str, str]:
            size = paths[asset.sha256].stat().st_size

            def on_progress(count: int) -> None:
                parts[asset.sha256] = count / size
                progress(dict(parts))

            lock = self._sending.setdefault((account, model, asset.sha256), asyncio.Lock())
            async with slots, lock:
                if known := await asyncio.to_thread(self._known, account, model, asset.sha256):
                    return asset.sha256, known
                published = await upload(paths[asset.sha256], await self._file_name(asset), model, on_progress)
                await asyncio.to_thread(
                    self._remember, account, model, asset.sha256, published.url, published.expires_at
                )
            return asset.sha256, published.url

        # Of several that fail the first error counts; the others' uploads are let finish and are of use next time.
        to_send = (asset for asset in assets if asset.sha256 in paths)
        results = await asyncio.gather(*map(send, to_send), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return urls | dict(result for result in results if not isinstance(result, BaseException))

    async def _file_name(self, asset: Asset) -> str:
        """The file's name with an ending that is true: clouds go by it, and people name their files as they like."""
        media_type = await asyncio.to_thread(self._vault.media_type, asset.sha256)
        named = mimetypes.guess_type(asset.name)[0]
        return asset.name if named == media_type else asset.name + (mimetypes.guess_extension(media_type) or "")

    def _known(self, account: str, model: str, sha256: str) -> str | None:
        query = select(PUBLISHED.c.url).where(
            PUBLISHED.c.account == account,
            PUBLISHED.c.model == model,
            PUBLISHED.c.sha256 == sha256,
            PUBLISHED.c.expires_at > self._clock.wall() + SPARE_SECONDS,
        )
        with translated(), self._database.connect() as connection:
            return connection.execute(query).scalar_one_or_none()

    def _forget(self, account: str, model: str, digests: Sequence[str]) -> None:
        columns = PUBLISHED.c
        which = columns.account == account, columns.model == model, columns.sha256.in_(digests)
        with translated(), self._database.begin() as connection:
            connection.execute(delete(PUBLISHED).where(*which))

    def _remember(self, account: str, model: str, sha256: str, url: str, expires_at: float) -> None:
        old = (PUBLISHED.c.account == account) & (PUBLISHED.c.model == model) & (PUBLISHED.c.sha256 == sha256)
        with translated(), self._database.begin() as connection:
            connection.execute(delete(PUBLISHED).where(old | (PUBLISHED.c.expires_at <= self._clock.wall())))
            row = PublishedRow(account=account, model=model, sha256=sha256, url=url, expires_at=expires_at)
            connection.execute(insert(PUBLISHED).values(**row))


def require_way(request: Request, account: Account) -> None:
    """Raise PublishFailed when a file of ``request`` can in no way be brought to the account's provider."""
    if account.takes_files or all(asset.url for asset in request.assets):
        return
    raise PublishFailed(
        Message(
            "{provider} only fetches files from public addresses. Set STUDIO_PUBLIC_URL to the public address "
            "of this studio, or set STUDIO_S3_ENDPOINT and the other settings of a bucket. Or add the file by "
            "its https:// address.",
            provider=CATALOG.providers[request.provider].name,
        )
    )
