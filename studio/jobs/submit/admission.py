"""The last look at a job's files before it is accepted: whatever the page or a script said, the rules hold.

Where the account has no way for files, the provider fetches them from the addresses they were given by, and may find
something else there than what was measured here. The price is then that of the longest video it takes.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from studio.accounts.account import Account
from studio.catalog.models import CATALOG
from studio.catalog.requests import Asset, LostRequest, Request, with_assets
from studio.errors import InvalidRequest, ModelMissing, Problem
from studio.media.checks import Verdict
from studio.media.facts import VideoFacts
from studio.media.preflight import billable_seconds, check, fetched_there
from studio.media.vault import Vault, VaultFile
from studio.message import Message


def admit(request: Request, owner: str, account: Account, vault: Vault) -> tuple[Request, Decimal | None]:
    """Check every file of ``request``: the request with its files as they go out, and the seconds of its video to pay.

    A file bears an address only where the provider will fetch it from there. Raises NoSuchFile for a file that
    ``owner`` never gave and InvalidRequest for one that breaks a rule.
    """
    files = {asset.sha256: vault.file(owner, asset.sha256) for asset in request.assets}
    problems: list[Problem] = []
    seconds: Decimal | None = None
    for field, asset in [(field, asset) for field, assets in request.inputs.items() for asset in assets]:
        held = files[asset.sha256]
        problems += [
            Problem(held.name, finding.measured or finding.rule, finding.limit or "whole")
            for finding in check(held, CATALOG.media_limits(request.catalog_model, field))
            if finding.verdict is Verdict.REFUSED
        ]
        if isinstance(held.facts, VideoFacts):
            seconds = billable_seconds(held, request.catalog_model, account.takes_files)
    if problems:
        raise InvalidRequest(*problems)
    sent = {digest: _sent(held, account) for digest, held in files.items()}
    return with_assets(request, sent), seconds


def _sent(held: VaultFile, account: Account) -> Asset:
    return held.asset if fetched_there(held, account.takes_files) else replace(held.asset, url=None)


def require_sold(request: Request, account: Account) -> None:
    """Raise InvalidRequest for a model that is not sold in the account's region."""
    region = CATALOG.providers[request.provider].regions[account.region]
    if not region.offers(request.model):
        names = ", ".join(model.id for model in CATALOG.models(request.provider, request.mode, account.region))
        rule = Message("one of those that are sold in {region}: {names}", region=region.name, names=names)
        nothing = Message("of another mode: {region} sells nothing for this one", region=region.name)
        raise InvalidRequest(Problem("model", request.model, rule if names else nothing))


def require_model(request: Request) -> None:
    """Raise ModelMissing when the request's model is not in the catalog, so that nothing can be checked or priced."""
    try:
        CATALOG.model(request.provider, request.model)
    except KeyError:
        raise ModelMissing(
            Message("{model} is no longer in studio/catalog/catalog.toml: put it back there.", model=request.model)
        ) from None
    if isinstance(request, LostRequest):
        raise ModelMissing("Its settings cannot be read any more.")
