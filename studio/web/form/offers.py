"""What the accounts sell, and what the form says of it: versions side by side, a reduced price, terms."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from studio.accounts.account import Account
from studio.catalog.models import CATALOG, MODES, Catalog, Mode, Model, ProviderName
from studio.catalog.pricing import Quote
from studio.web.form.estimate import Line
from studio.web.money.amounts import money, rate_words
from studio.web.text import Translation

Lines = list[Line]


def modes_offered(names: Collection[ProviderName], catalog: Catalog = CATALOG) -> list[Mode]:
    """The modes that have a form: those of the named clouds, wherever their accounts are."""
    return [mode for mode in MODES if any(catalog.models(name, mode) for name in names)]


def models_sold(
    offered: Mapping[ProviderName, Account], mode: Mode, catalog: Catalog = CATALOG
) -> dict[ProviderName, tuple[Model, ...]]:
    """The models of the form for ``mode`` by provider, the default one first.

    A provider whose account sells none is left out; where none sells any, the form is that of all models, and says so.
    """
    sold = {name: catalog.models(name, mode, account.region) for name, account in offered.items()}
    every = {name: catalog.models(name, mode) for name in offered}
    return {name: models for name, models in (sold if any(sold.values()) else every).items() if models}


def not_sold(model: Model, account: Account, words: Translation) -> Lines:
    """A line for a mode of which the account sells no model."""
    region = CATALOG.providers[model.provider].regions[account.region]
    if region.offers(model.id):
        return []
    return [Line("missing", words("missing.sold", region=words.said(region.name), mode=words(f"tab.{model.mode}")))]


def offer_lines(
    model: Model,
    models: Sequence[Model],
    resolution: str,
    price: Quote | None,
    count: int,
    account: Account,
    words: Translation,
) -> Lines:
    """What there is to know of the price of ``count`` videos, each at the list price ``price``."""
    lines: Lines = []
    if len(models) > 1:
        lines.append(Line("facts", _versions(model, models, account.region, resolution, words), "model"))
    if price is not None and model.offer is not None:
        reduced = money(price.amount * count * model.offer.factor, price.currency, words)
        lines.append(Line("facts", words("price.offer", seen=words.said(model.offer.seen), price=reduced)))
    terms = CATALOG.providers[model.provider].regions[account.region].terms
    if terms:
        lines.append(Line("facts", words.said(terms)))
    return lines


def _versions(model: Model, models: Sequence[Model], region: str, resolution: str, words: Translation) -> str:
    """The newest version beside the one that is older, whichever of them is chosen."""
    newest, *_ = models
    older = model if model is not newest else models[1]
    more = [one for one in newest.resolution.all if one not in older.resolution.all]
    extra = words("version.more", version=newest.version, resolutions=", ".join(more)) if more else ""
    new, old = (CATALOG.rate(one, region, resolution) for one in (newest, older))
    line = words("version.newer", new=newest.version, old=older.version)
    if new is not None and old is not None:
        costs = {"resolution": resolution, "new": newest.version, "old": older.version}
        if new.amount == old.amount:
            line = words("version.same", **costs)
        else:
            rates = {
                name: rate_words(rate.amount, rate.currency, words) for name, rate in (("rate", new), ("before", old))
            }
            line = words("version.rates", **costs, **rates)
    return words.join(line, extra)
