"""The last look at a job's files before it is accepted: whatever the page or a script said, the rules hold.

Where the account has no way for files, the provider fetches them from the addresses they were given by, and may find
something else there than what was measured here. The price is then that of the longest video it takes.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from studio.accounts.account import Account
from studio.catalog.models import CATALOG, Model
from studio.catalog.requests import Asset, LostRequest, Request, with_assets
from studio.errors import InvalidRequest, ModelMissing, Problem
from studio.media.checks import Finding, Verdict, check_image, check_video
from studio.media.facts import VideoFacts
from studio.media.vault import Held, Vault
from studio.message import Told


def admit(request: Request, owner: str, account: Account, vault: Vault) -> tuple[Request, Decimal | None]:
    """Check every file of ``request``: the request with its files as they go out, and the seconds of its video to pay.

    A file bears an address only where the provider will fetch it from there. Raises NoSuchFile for a file that
    ``owner`` never gave and InvalidRequest for one that breaks a rule.
    """
    files = {asset.sha256: vault.held(owner, asset.sha256) for asset in request.assets}
    problems: list[Problem] = []
    seconds: Decimal | None = None
    for field, asset in [(field, asset) for field, assets in request.inputs.items() for asset in assets]:
        held = files[asset.sha256]
        problems += [
            Problem(held.name, finding.measured or finding.rule, finding.limit or "whole")
            for finding in check(held, request, field)
            if finding.verdict is Verdict.REFUSED
        ]
        if isinstance(held.facts, VideoFacts):
            seconds = billable_seconds(held, request.catalog_model, account)
    if problems:
        raise InvalidRequest(*problems)
    sent = {digest: _sent(held, account) for digest, held in files.items()}
    return with_assets(request, sent), seconds


def fetched_there(held: Held, account: Account) -> bool:
    """Whether the provider fetches the file itself from the address that the visitor gave."""
    return held.url is not None and not account.takes_files


def billable_seconds(held: Held, model: Model, account: Account) -> Decimal:
    """The length of an edit's video that may have to be paid: the longest of its own, or the longest that the provider
    takes where it fetches the video itself."""
    assert isinstance(held.facts, VideoFacts)
    if not fetched_there(held, account):
        return held.facts.longer
    billed = next(name for name, rule in model.inputs.items() if rule.billed)
    spans = [one.seconds for one in CATALOG.media_limits(model, billed) if one.seconds is not None]
    return max((span[1] for span in spans), default=held.facts.longer)


def _sent(held: Held, account: Account) -> Asset:
    return held.asset if fetched_there(held, account) else replace(held.asset, url=None)


def require_sold(request: Request, account: Account) -> None:
    """Raise InvalidRequest for a model that is not sold in the account's region."""
    region = CATALOG.providers[request.provider].regions[account.region]
    if not region.offers(request.model):
        names = ", ".join(model.id for model in CATALOG.models(request.provider, request.mode, account.region))
        rule = Told("one of those that are sold in {region}: {names}", region=region.name, names=names)
        nothing = Told("of another mode: {region} sells nothing for this one", region=region.name)
        raise InvalidRequest(Problem("model", request.model, rule if names else nothing))


def check(held: Held, request: Request, field: str) -> list[Finding]:
    """The findings of one file as input ``field`` of the request's model."""
    limits = CATALOG.media_limits(request.catalog_model, field)
    if isinstance(held.facts, VideoFacts):
        return check_video(held.facts, limits)
    return check_image(held.facts, limits)


def require_model(request: Request) -> None:
    """Raise ModelMissing when the request's model is not in the catalog, so that nothing can be checked or priced."""
    try:
        CATALOG.model(request.provider, request.model)
    except KeyError:
        raise ModelMissing(
            Told("{model} is no longer in studio/catalog/catalog.toml: put it back there.", model=request.model)
        ) from None
    if isinstance(request, LostRequest):
        raise ModelMissing("Its settings cannot be read any more.")
