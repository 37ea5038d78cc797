"""The accounts that the settings give: at the clouds whose keys are set, or at the sandbox that takes their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from pydantic import SecretStr

from studio.accounts.account import SANDBOXES, Account
from studio.catalog.models import CATALOG, ProviderName
from studio.config import Settings
from studio.media.links import Links
from studio.providers.base import Provider, Upload, Uploader
from studio.providers.client import Client
from studio.providers.clouds import CLIENTS
from studio.providers.upload_bucket import UploadBucket
from studio.system import listening
from studio.system.clock import CLOCK, Clock
from studio.system.pace import PACE, Pace

CALLBACKS = "/studio/callbacks"
"""Where the studio hears of tasks that have ended."""
SANDBOX_POLL_SECONDS = 1.0
"""The sandbox takes seconds where the cloud takes minutes."""


def live_accounts(settings: Settings, secret: bytes, clock: Clock = CLOCK, pace: Pace = PACE) -> list[Account]:
    """One account for each key, that of the preferred provider first; ``secret`` signs links to files."""
    return [live_account(name, settings, secret, clock, pace) for name in settings.providers]


def live_account(
    name: ProviderName, settings: Settings, secret: bytes, clock: Clock = CLOCK, pace: Pace = PACE
) -> Account:
    """The account at a cloud whose key is set."""
    address = settings.public_address
    cloud, entry = CLIENTS[name], CATALOG.providers[name]
    callback_url = address + CALLBACKS if address and entry.calls_back else None
    provider = cloud.configured(settings, callback_url, clock, pace)
    region = cloud.region(settings)
    poll_seconds = settings.poll_seconds or entry.poll_seconds.value
    links = Links(address, secret, clock) if address else None
    bucket = _bucket(settings, clock, pace)
    return _account(entry.account(region), provider, region, poll_seconds, links, bucket, live=True)


def own_address(settings: Settings, port: int) -> str:
    """Where this machine, and so its sandbox, reaches the studio that listens at ``port``."""
    return f"http://{listening.url_host(listening.own_host(settings.host))}:{port}"


def sandbox_accounts(
    addresses: Mapping[ProviderName, tuple[str, SecretStr]],
    settings: Settings,
    secret: bytes,
    port: int,
    clock: Clock = CLOCK,
    pace: Pace = PACE,
) -> list[Account]:
    """The accounts of a sandbox on this machine, which reaches the studio at ``port``."""
    own = own_address(settings, port)
    poll_seconds = settings.poll_seconds or SANDBOX_POLL_SECONDS
    accounts = []
    for name, (url, key) in addresses.items():
        provider = CLIENTS[name].in_sandbox(url, key, own + CALLBACKS, clock, pace)
        region = next(iter(CATALOG.providers[name].regions))
        links = Links(own, secret, clock)
        accounts.append(_account(SANDBOXES[name], provider, region, poll_seconds, links, None, live=False))
    return accounts


def _account(
    name: str,
    client: Client,
    region: str,
    poll_seconds: float,
    links: Links | None,
    bucket: Upload | None,
    *,
    live: bool,
) -> Account:
    """An account; its files go by the cloud's own upload, else by the ``bucket``, else by ``links``."""
    provider = cast(Provider, client)
    if CATALOG.providers[client.name].uploads:
        return Account(name, provider, region, live, poll_seconds, upload=cast(Uploader, client).upload)
    return Account(name, provider, region, live, poll_seconds, upload=bucket, links=links)


def _bucket(settings: Settings, clock: Clock, pace: Pace) -> Upload | None:
    bucket = settings.bucket()
    return UploadBucket(*bucket, clock=clock, pace=pace).upload if bucket else None
