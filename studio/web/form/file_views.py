"""A visitor's file in the form's words: what it is, how it stands to the rules, what would fix it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from studio.accounts.account import Account
from studio.catalog.models import Kind, Model, Rate
from studio.media.checks import Verdict
from studio.media.facts import VideoFacts
from studio.media.fixes import Compress, Fix, to_json
from studio.media.preflight import FileReport, MendableFinding, TrimSaving, report
from studio.media.vault import VaultFile
from studio.web.form.file_words import finding_text, fix_text, remedy
from studio.web.money.amounts import money, sign_of, unit_of
from studio.web.text import Translation


class FindingView(TypedDict):
    """One rule in words."""

    rule: str
    verdict: Verdict
    text: str
    fixes: list[dict[str, Any]]
    """What a click on its fix does; empty when nothing fixes it, and when the file could not be sent then either."""
    label: str
    """What that is, as its button says it."""
    remedy: str
    """What helps where no fix does; may be empty."""


class OfferView(TypedDict):
    """All of a video's fixes together, with one length that it may get."""

    seconds: float
    fixes: list[dict[str, Any]]
    prices: dict[str, str]
    """What the edit then costs, by resolution."""


class RateView(TypedDict):
    """The price of a second."""

    amount: str
    """A decimal number, to the last digit that the provider states."""
    sign: str
    """Of the currency, to stand before an amount in hundredths; empty where it has none."""
    unit: str
    """Stands behind the amount where there is no sign."""


class TrimView(TypedDict):
    """What a shorter copy of a video would save. Seconds."""

    least: float
    most: float
    keep: float
    """What comes out at most; the rest is billed for nothing."""
    rates: dict[str, RateView]
    """By resolution; billed are the seconds that go in and those that come out."""
    others: list[dict[str, Any]]
    """Fixes that are needed beside any trim."""
    offers: list[OfferView]
    """The one that is worth its price first, then the longest that is allowed."""


class FramingView(TypedDict):
    """One way to bring a picture to its ratio."""

    label: str
    fix: dict[str, Any]


class FileView(TypedDict):
    """A file as its owner sees it: what it is, how it stands to the rules, what would mend it."""

    sha256: str
    name: str
    url: str | None
    kind: Kind
    facts: list[str]
    width: int
    height: int
    seconds: float | None
    thumbnail: str | None
    """None for a picture that does not decode to its end."""
    verdict: Verdict
    findings: list[FindingView]
    fixes: list[dict[str, Any]]
    """What "fix all" does."""
    does: list[str]
    """That, in words."""
    framings: list[FramingView]
    """What may stand in the place of its crop or pad; empty when its ratio is fine."""
    trim: TrimView | None


def file_view(file: VaultFile, model: Model, field: str, words: Translation, account: Account) -> FileView:
    """The file as input ``field`` of ``model``, as it is brought to ``account``."""
    found = report(file, model, field, account.region, takes_files=account.takes_files)
    facts, seconds = file.facts, None
    shown = [f"{facts.width} × {facts.height}", _size(facts.bytes)]
    if isinstance(facts, VideoFacts):
        seconds = float(facts.seconds)
        shown.insert(1, words("seconds", seconds=f"{facts.seconds:.1f}"))
        shown.insert(2, f"{float(facts.fps):g} fps")
    whole = isinstance(facts, VideoFacts) or facts.complete
    return {
        "sha256": file.sha256,
        "name": file.name,
        "url": file.url,
        "kind": file.kind,
        "facts": shown,
        "width": facts.width,
        "height": facts.height,
        "seconds": seconds,
        "thumbnail": f"studio/files/{file.sha256}/thumbnail" if whole else None,
        "verdict": found.verdict,
        "findings": [_finding_view(mend, words, _is_enough(mend, found)) for mend in found.mends],
        "fixes": [to_json(fix) for fix in found.fixes] if found.mendable else [],
        "does": _does(found.fixes, words) if found.mendable else [],
        "framings": [{"label": words(f"framing.{name}"), "fix": to_json(fix)} for name, fix in found.framings.items()],
        "trim": _trim_view(found.saving, words) if found.saving else None,
    }


def _size(count: int) -> str:
    return f"{count / 2**20:.1f} MB" if count >= 2**20 / 10 else f"{max(count / 2**10, 1):.0f} KB"


def _trim_view(saving: TrimSaving, words: Translation) -> TrimView:
    offers: list[OfferView] = []
    for shorter in saving.offers:
        prices = {one: money(amount, rate.currency, words) for one, (amount, rate) in shorter.prices.items()}
        fixes = [to_json(fix) for fix in shorter.fixes]
        offers.append({"seconds": float(round(shorter.seconds, 1)), "fixes": fixes, "prices": prices})
    return {
        "least": float(saving.least),
        "most": float(saving.most),
        "keep": float(saving.keep),
        "rates": {one: _rate_view(rate, words) for one, rate in saving.rates.items()},
        "others": [to_json(fix) for fix in saving.others],
        "offers": offers,
    }


def _rate_view(rate: Rate, words: Translation) -> RateView:
    return {"amount": f"{rate.amount:f}", "sign": sign_of(rate.currency), "unit": unit_of(rate.currency, words)}


def _is_enough(mend: MendableFinding, found: FileReport) -> bool:
    """Whether the file can be sent once this finding alone is fixed."""
    refused = [one for one in found.mends if one.finding.verdict is Verdict.REFUSED]
    return all(one is mend for one in refused)


def _does(fixes: Sequence[Fix], words: Translation) -> list[str]:
    """In words; that a copy stays within its bytes is said only where that is all there is to do."""
    told = [fix for fix in fixes if not isinstance(fix, Compress)] or fixes
    return [fix_text(fix, words) for fix in told]


def _finding_view(mend: MendableFinding, words: Translation, enough: bool) -> FindingView:
    finding = mend.finding
    main = next((fix for fix in mend.fixes if fix.name == finding.fix), next(iter(mend.fixes), None))
    return {
        "rule": finding.rule,
        "verdict": finding.verdict,
        "text": finding_text(finding, words),
        "fixes": [to_json(fix) for fix in mend.fixes] if enough else [],
        "label": fix_text(main, words) if main and enough else "",
        "remedy": remedy(finding, words),
    }
