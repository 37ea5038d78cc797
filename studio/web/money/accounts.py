"""Addresses of the accounts for new jobs: their credits, and whether their keys are good."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Literal, TypedDict

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from studio.accounts.account import Account
from studio.catalog.models import CATALOG, ProviderEntry
from studio.catalog.pricing import CREDITS
from studio.config import KEYS, AddedKey
from studio.errors import AuthenticationFailed, ConfigError, ProviderError, StudioError, TransportError
from studio.service import Studio
from studio.system.envfile import trimmed
from studio.system.parsing import choice, text
from studio.web.answers import answers_errors, body_of, not_found
from studio.web.faults import fault_view, pasted_key_sentence
from studio.web.money.amounts import money
from studio.web.money.keys import KeyAccess, key_access, place_name
from studio.web.text import Translation


class AccountView(TypedDict):
    """An account for new jobs."""

    provider: str
    name: str
    credits: str | None
    """Those that are left, in words; None where it has none, or does not tell."""
    removable: bool
    """Whether who asks may remove its key."""


class RegionView(TypedDict):
    """Where a key may be good."""

    id: str
    name: str
    workspace: Literal["none", "possible", "needed"]
    """Whether the id of a workspace belongs to its keys."""


class CloudView(TypedDict):
    """A cloud that has no key here."""

    id: str
    name: str
    where: str
    """Where a key is had."""
    regions: list[RegionView]
    """Empty where there is but one."""


class AddingView(TypedDict):
    """How a key comes here."""

    clouds: list[CloudView]
    here: bool
    """Whether who asks may add one in the page."""
    otherwise: str
    """Where not, who does what instead."""


class AccountsView(TypedDict):
    """Where new videos are made."""

    live: bool
    """Whether they cost money."""
    accounts: list[AccountView]
    adding: AddingView


class KeyCheckView(TypedDict):
    """Whether an account's key is good."""

    good: bool
    text: str
    said: str
    """The provider's own words on what is wrong, where they say more than the text."""


LONGEST_KEY = 1000
"""Characters; those of known keys are a tenth of it."""


def account_routes(studio: Studio) -> list[BaseRoute]:
    accounts = Accounts(studio)
    return [
        Route("/studio/accounts", accounts.all),
        Route("/studio/accounts/{provider}/check", accounts.check, methods=["POST"]),
        Route("/studio/accounts/{provider}/key", accounts.add_key, methods=["POST"]),
        Route("/studio/accounts/{provider}/key", accounts.remove_key, methods=["DELETE"]),
    ]


def account_name(account: Account, words: Translation) -> str:
    """``DashScope · Beijing``, ``AIVideoAPI``, ``Sandbox · AIVideoAPI``."""
    provider = account.provider.name
    if not account.live:
        return f"{words('account.sandbox')} · {CATALOG.providers[provider].name}"
    return place_name(provider, account.region, words)


def _region(name: str, cloud: ProviderEntry, words: Translation) -> RegionView:
    region = cloud.regions[name]
    workspace: Literal["none", "possible", "needed"] = "possible" if region.host else "needed"
    return {
        "id": name,
        "name": words.said(region.name),
        "workspace": workspace if region.workspace_host else "none",
    }


def _problem(cloud: ProviderEntry, key: str, region: str, workspace: str | None, words: Translation) -> str:
    """What is wrong with a key that the cloud need not be asked about; empty where nothing is."""
    chosen, own = cloud.regions[region], cloud.region_of(key)
    if not key:
        return words("key.missing")
    if not chosen.host and not workspace:
        return words("key.workspace.missing", region=words.said(chosen.name))
    if own is not None and own != region:
        return words(
            "key.of_other_region", prefix=cloud.regions[own].key_prefix, region=words.said(cloud.regions[own].name)
        )
    if own is None and chosen.key_prefix:
        return words("key.without_prefix", prefix=chosen.key_prefix, region=words.said(chosen.name))
    return ""


def _said(error: StudioError, words: Translation) -> str:
    """The provider's own words, where they say more than that it does not accept the key: that is said already."""
    return "" if isinstance(error, AuthenticationFailed) else words.said(error.said)


def _refused(status: int, kind: str, error: str, said: str = "") -> Response:
    return JSONResponse({"error": error, "kind": kind, **({"said": said} if said else {})}, status)


def _has_credits(account: Account) -> bool:
    """Whether there are credits that can run out."""
    return account.live and CATALOG.providers[account.provider.name].currency == CREDITS


class Accounts:
    """The handlers. The accounts are the studio's, so every visitor sees the same."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._engine = studio.engine

    async def all(self, request: Request) -> Response:
        """The accounts for new videos, with their credits as they were last told; with ``?credits`` as they are now."""
        words: Translation = request.state.words
        accounts = [*self._engine.offered.values()]
        if "credits" in request.query_params:
            # What is wrong with a key is told when it is checked.
            asked = [one for one in accounts if _has_credits(one)]
            await asyncio.gather(*(self._engine.check_key(one.name) for one in asked), return_exceptions=True)
        otherwise = key_access(request, self._studio, words).otherwise
        view: AccountsView = {
            "live": any(account.live for account in accounts),
            "accounts": [self._view(account, not otherwise, words) for account in accounts],
            "adding": {"clouds": self._clouds(words), "here": not otherwise, "otherwise": otherwise},
        }
        return JSONResponse(view, headers={"Cache-Control": "no-store"})

    def _view(self, account: Account, here: bool, words: Translation) -> AccountView:
        credits = self._engine.credits(account.name) if _has_credits(account) else None
        provider = account.provider.name
        return {
            "provider": provider,
            "name": account_name(account, words),
            "credits": None if credits is None else money(credits, CREDITS, words),
            "removable": here and account.live and provider in self._studio.settings.added_keys,
        }

    def _clouds(self, words: Translation) -> list[CloudView]:
        clouds = [CATALOG.providers[name] for name in KEYS if name not in self._studio.settings.providers]
        return [
            {
                "id": cloud.id,
                "name": cloud.name,
                "where": words(f"key.where.{cloud.id}"),
                "regions": [_region(name, cloud, words) for name in cloud.regions] if len(cloud.regions) > 1 else [],
            }
            for cloud in clouds
        ]

    @answers_errors
    async def add_key(self, request: Request) -> Response:
        """Take a key for a cloud that has none: JSON ``{"key": …, "region": …, "workspace": …}``. It is kept once the
        cloud has accepted it; then new videos are made there."""
        words: Translation = request.state.words
        if otherwise := key_access(request, self._studio, words).otherwise:
            return _refused(403, "not_here", otherwise)
        cloud = next((CATALOG.providers[name] for name in KEYS if name == request.path_params["provider"]), None)
        if cloud is None:
            return not_found(request)
        data = await body_of(request)
        key = trimmed(text("key", data.get("key", ""), LONGEST_KEY))
        region = choice("region", data.get("region") or next(iter(cloud.regions)), cloud.regions)
        workspace = trimmed(text("workspace", data.get("workspace") or "", LONGEST_KEY)) or None
        if problem := _problem(cloud, key, region, workspace, words):
            return _refused(422, "bad_key", problem)
        try:
            account = await self._studio.add_account(cloud.id, AddedKey(SecretStr(key), region, workspace))
        except ConfigError:  # its sentence is for who starts the studio
            return _refused(422, "bad_key", words("key.malformed"))
        except (ProviderError, TransportError) as error:
            what = words.join(pasted_key_sentence(error.fault("check"), words), words("key.not_saved"))
            return _refused(422, "bad_key", what, said=_said(error, words))
        good: KeyCheckView = {"good": True, "text": self._good(account, None, words), "said": ""}
        return JSONResponse(good)

    @answers_errors
    async def remove_key(self, request: Request) -> Response:
        """Forget a key that was added in the page."""
        words: Translation = request.state.words
        if otherwise := key_access(request, self._studio, words).otherwise:
            return _refused(403, "not_here", otherwise)
        asked = request.path_params["provider"]
        name = next((name for name in self._studio.settings.added_keys if name == asked), None)
        if name is None:
            return not_found(request)
        await self._studio.remove_account(name)
        return JSONResponse({"done": True})

    async def check(self, request: Request) -> Response:
        """Whether the account's key is good, in words. Nothing is spent."""
        words: Translation = request.state.words
        asked = request.path_params["provider"]
        account = next((one for name, one in self._engine.offered.items() if name == asked), None)
        if account is None:
            return not_found(request)
        try:
            credits = await self._engine.check_key(account.name)
        except StudioError as error:
            what = self._trouble(error, account, key_access(request, self._studio, words), words)
            bad: KeyCheckView = {"good": False, "text": what, "said": _said(error, words)}
            return JSONResponse(bad)
        good: KeyCheckView = {"good": True, "text": self._good(account, credits, words), "said": ""}
        return JSONResponse(good)

    def _good(self, account: Account, credits: Decimal | None, words: Translation) -> str:
        name = account_name(account, words)
        sentence = words("key.good", name=name)
        if account.provider.workspace and account.live:
            sentence = words("key.good.workspace", name=name, workspace=account.provider.workspace)
        terms = CATALOG.providers[account.provider.name].regions[account.region].terms
        if terms:
            sentence = words.join(sentence, words.said(terms))
        if credits is not None:
            sentence = words.join(sentence, words("key.credits", credits=money(credits, CREDITS, words)))
        return sentence

    def _trouble(self, error: StudioError, account: Account, access: KeyAccess, words: Translation) -> str:
        provider = account.provider.name
        fault = fault_view(error.fault("check"), words, provider=provider, access=access)
        regions, setting = CATALOG.providers[provider].regions, KEYS[provider].region
        added = provider in access.settings.added_keys
        if isinstance(error, AuthenticationFailed) and setting is not None and not added:
            here, others = regions[account.region].name, ", ".join(name for name in regions if name != account.region)
            return words("key.region", what=fault["what"], region=words.said(here), setting=setting, others=others)
        return words.join(fault["what"], fault["remedy"])
