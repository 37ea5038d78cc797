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
from studio.media.preflight import check, fetched_there, output
from studio.media.vault import Vault, VaultFile
from studio.message import Message


def admit(request: Request, owner: str, account: Account, vault: Vault) -> tuple[Request, Decimal | None]:
    """Check every file of ``request``: the request with its files as they go out, and the seconds of its video to pay.

    A file bears an address only where the provider will fetch it from there. Raises NoSuchFile for a file that
    ``owner`` never gave and InvalidRequest for one that breaks a rule.
    """
    files = {asset.sha256: vault.file(owner, asset.sha256) for asset in request.assets}
    by_input = {name: [files[asset.sha256] for asset in assets] for name, assets in request.inputs.items()}
    model = request.catalog_model
    problems = [
        Problem(file.name, finding.measured or "incomplete", finding.limit or "complete")
        for name, group in by_input.items()
        for file in group
        for finding in check(file, CATALOG.media_limits(model, name))
        if finding.verdict is Verdict.REFUSED
    ]
    if problems:
        raise InvalidRequest(*problems)
    made = output(by_input, model, request.resolution or model.resolution.default, takes_files=account.takes_files)
    sent = {digest: _sent(file, account) for digest, file in files.items()}
    return with_assets(request, sent), made.billed_input


def _sent(file: VaultFile, account: Account) -> Asset:
    return file.asset if fetched_there(file, account.takes_files) else replace(file.asset, url=None)


def require_sold(request: Request, account: Account) -> None:
    """Raise InvalidRequest for a model that is not sold in the account's region."""
    region = CATALOG.providers[request.provider].regions[account.region]
    if not region.offers(request.model):
        names = ", ".join(model.id for model in CATALOG.models(request.provider, request.mode, account.region))
        rule = Message("one of those available in {region}: {names}", region=region.name, names=names)
        nothing = Message("for another mode: {region} has no model for this one", region=region.name)
        raise InvalidRequest(Problem("model", request.model, rule if names else nothing))


def require_model(request: Request) -> None:
    """Raise ModelMissing when the request's model is not in the catalog, so that nothing can be checked or priced."""
    try:
        CATALOG.model(request.provider, request.model)
    except KeyError:
        raise ModelMissing(
            Message("{model} is no longer in studio/catalog/catalog.toml. Add it there again.", model=request.model)
        ) from None
    if isinstance(request, LostRequest):
        raise ModelMissing("Its settings can no longer be read.")
