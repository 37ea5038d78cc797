"""The accounts that the settings give: at the clouds whose keys are set, or at the sandbox that takes their place."""

from __future__ import annotations

from pydantic import SecretStr

from studio.accounts.account import SANDBOXES, Account
from studio.catalog.models import CATALOG, ProviderName
from studio.config import AIVIDEOAPI_REGION, Settings
from studio.media.links import Links
from studio.providers.aivideo import AIVideo
from studio.providers.base import Upload
from studio.providers.bucket import Bucket
from studio.providers.dashscope import DashScope
from studio.system import listening

CALLBACKS = "/studio/callbacks"
"""Where the studio hears of tasks that have ended."""
SANDBOX_POLL_SECONDS = 1.0
"""The sandbox takes seconds where the cloud takes minutes."""


def live_accounts(settings: Settings, secret: bytes) -> list[Account]:
    """One account for each key, that of the preferred provider first; ``secret`` signs links to files."""
    makers = {"dashscope": _dashscope, "aivideoapi": _aivideoapi}
    return [makers[name](settings, secret) for name in settings.providers]


def own_address(settings: Settings, port: int) -> str:
    """Where this machine, and so its sandbox, reaches the studio that listens at ``port``."""
    return f"http://{listening.url_host(listening.own_host(settings.host))}:{port}"


def sandbox_accounts(
    addresses: dict[ProviderName, tuple[str, SecretStr]], settings: Settings, secret: bytes, port: int
) -> list[Account]:
    """The accounts of a sandbox on this machine, which reaches the studio at ``port``."""
    public_address = own_address(settings, port)
    poll_seconds = settings.poll_seconds or SANDBOX_POLL_SECONDS
    dashscope = DashScope(*addresses["dashscope"])
    return [
        Account(
            SANDBOXES["dashscope"],
            dashscope,
            "beijing",
            live=False,
            poll_seconds=poll_seconds,
            upload=dashscope.upload,
        ),
        Account(
            SANDBOXES["aivideoapi"],
            AIVideo(*addresses["aivideoapi"], callback_url=public_address + CALLBACKS),
            AIVIDEOAPI_REGION,
            live=False,
            poll_seconds=poll_seconds,
            links=Links(public_address, secret),
        ),
    ]


def _dashscope(settings: Settings, secret: bytes) -> Account:
    assert settings.dashscope_api_key is not None
    region = settings.dashscope_region
    key, workspace = settings.dashscope_api_key, settings.dashscope_workspace
    provider = DashScope(settings.dashscope_host(), key, workspace=workspace, private=settings.allow_private_urls)
    return Account(
        f"dashscope:{region}",
        provider,
        region,
        live=True,
        poll_seconds=settings.poll_seconds or CATALOG.providers["dashscope"].poll_seconds.value,
        upload=provider.upload,
    )


def _aivideoapi(settings: Settings, secret: bytes) -> Account:
    assert settings.aivideoapi_key is not None
    address = settings.public_address
    callback_url = address + CALLBACKS if address else None
    return Account(
        "aivideoapi",
        AIVideo(
            settings.aivideoapi_host(),
            settings.aivideoapi_key,
            callback_url=callback_url,
            private=settings.allow_private_urls,
        ),
        AIVIDEOAPI_REGION,
        live=True,
        poll_seconds=settings.poll_seconds or CATALOG.providers["aivideoapi"].poll_seconds.value,
        upload=_bucket(settings),
        links=Links(address, secret) if address else None,
    )


def _bucket(settings: Settings) -> Upload | None:
    bucket = settings.bucket()
    return Bucket(*bucket).upload if bucket else None
