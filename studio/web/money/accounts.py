"""Addresses of the accounts for new jobs: their credits, and whether their keys are good."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from studio.accounts.account import Account
from studio.catalog.models import CATALOG
from studio.catalog.pricing import CREDITS
from studio.config import KEYS
from studio.errors import AuthenticationFailed, StudioError
from studio.service import Studio
from studio.web.faults import fault_view
from studio.web.money.amounts import money
from studio.web.text import Translation


def account_routes(studio: Studio) -> list[BaseRoute]:
    accounts = Accounts(studio)
    return [
        Route("/studio/accounts", accounts.all),
        Route("/studio/accounts/{provider}/check", accounts.check, methods=["POST"]),
    ]


def account_name(account: Account, words: Translation) -> str:
    """``DashScope · Beijing``, ``AIVideoAPI``, ``Sandbox · AIVideoAPI``."""
    provider = CATALOG.providers[account.provider.name]
    if not account.live:
        return f"{words('account.sandbox')} · {provider.name}"
    several = len(provider.regions) > 1
    return f"{provider.name} · {words.said(provider.regions[account.region].name)}" if several else provider.name


class Accounts:
    """The handlers. The accounts are the studio's, so every visitor sees the same."""

    def __init__(self, studio: Studio) -> None:
        self._engine = studio.engine

    async def all(self, request: Request) -> Response:
        """Each account with the credits that it has now; null where it has none, or does not tell."""
        words: Translation = request.state.words
        return JSONResponse([await self._view(account, words) for account in self._engine.offered.values()])

    async def _view(self, account: Account, words: Translation) -> dict[str, Any]:
        credits = None
        if CATALOG.providers[account.provider.name].currency == CREDITS:
            try:
                credits = await self._engine.check_key(account.name)
            except StudioError:  # what is wrong is told when the key is checked
                credits = None
        return {
            "provider": account.provider.name,
            "name": account_name(account, words),
            "credits": None if credits is None else money(credits, CREDITS, words),
        }

    async def check(self, request: Request) -> Response:
        """Whether the account's key is good, in words. Nothing is spent."""
        words: Translation = request.state.words
        asked = request.path_params["provider"]
        account = next((one for name, one in self._engine.offered.items() if name == asked), None)
        if account is None:
            return Response(status_code=404)
        name = account_name(account, words)
        try:
            credits = await self._engine.check_key(account.name)
        except StudioError as error:
            return JSONResponse(
                {"good": False, "text": self._trouble(error, account, words), "said": words.said(error.said)}
            )
        text = words("key.good", name=name)
        if account.provider.workspace and account.live:
            text = words("key.good.workspace", name=name, workspace=account.provider.workspace)
        terms = CATALOG.providers[account.provider.name].regions[account.region].terms
        if terms:
            text = words.join(text, words.said(terms))
        if credits is not None:
            text = words.join(text, words("key.credits", credits=money(credits, CREDITS, words)))
        return JSONResponse({"good": True, "text": text, "said": ""})

    def _trouble(self, error: StudioError, account: Account, words: Translation) -> str:
        provider = account.provider.name
        fault = fault_view(error.fault("check"), words, provider=provider)
        regions, setting = CATALOG.providers[provider].regions, KEYS[provider].region
        if isinstance(error, AuthenticationFailed) and setting is not None:
            here, others = regions[account.region].name, ", ".join(name for name in regions if name != account.region)
            return words("key.region", what=fault["what"], region=words.said(here), setting=setting, others=others)
        return words.join(fault["what"], fault["remedy"])
