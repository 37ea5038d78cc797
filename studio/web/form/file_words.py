"""What the rules say of a file, and what each fix does, in a visitor's words."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from studio.catalog.models import CATALOG
from studio.catalog.sizes import ratio_text
from studio.media.checks import Finding, Verdict
from studio.media.fixes import Compress, Convert, Crop, Downscale, Fix, Framerate, Pad, Trim, Upscale
from studio.web.text import Translation

_LIMITED = frozenset({"format", "bytes", "side", "max_side", "ratio", "seconds", "fps", "fps_parts"})
"""Rules of which the catalog gives the limit."""
_SIGNS = {"≤": "most", "≥": "least", ">": "above"}
_SIGNED = re.compile(r"([≤≥>]) (.+?)(?=, [≤≥>]|$)")


def finding_text(finding: Finding, words: Translation) -> str:
    """One rule and how the file stands to it, in a sentence."""
    rule = finding.rule
    if rule == "complete" and finding.measured:
        rule = "complete.bytes" if "bytes" in finding.measured else "complete.frames"
    if rule not in _LIMITED:
        return words(f"check.{rule}", measured=finding.measured, limit=_limit(finding.limit, words))
    text = words(f"check.{rule}", measured=finding.measured)
    if finding.by_source and finding.verdict is Verdict.PASS:
        return text
    if finding.by_source:
        joint = words("check.joint")
        limit = joint.join(
            words("check.by", limit=_limit(one, words), source=words.said(CATALOG.sources[source]))
            for one, source in finding.by_source
        )
    elif rule == "format":
        *others, last = finding.limit.split(", ")
        limit = words("check.or", others=words("check.comma").join(others), last=last) if others else last
    else:
        limit = _limit(finding.limit, words)
    kind = {Verdict.PASS: "passed", Verdict.REFUSED: "refused"}.get(finding.verdict, "disputed")
    return words(f"check.{kind}", text=text, limit=limit)


def remedy(finding: Finding, words: Translation) -> str:
    """What helps where no fix does; empty where there is nothing to say."""
    key = f"check.remedy.{finding.rule}"
    return words(key) if finding.verdict is Verdict.REFUSED and finding.fix is None and words.has(key) else ""


def fix_text(fix: Fix, words: Translation) -> str:
    """What a fix does, as a button says it."""
    return words(f"check.fix.{fix.name}", **_blanks(fix))


def _limit(text: str, words: Translation) -> str:
    """``≤ 10 MB`` as "at most 10 MB"; a span stays as it is."""
    return re.sub(_SIGNED, lambda found: words(f"check.limit.{_SIGNS[found[1]]}", limit=found[2]), text)


def _blanks(fix: Fix) -> dict[str, str]:
    if isinstance(fix, Convert):
        return {"format": fix.format}
    if isinstance(fix, Compress):
        return {"size": f"{fix.max_bytes / 2**20:g} MB"}
    if isinstance(fix, (Crop, Pad)):
        return {"ratio": ratio_text(fix.ratio)}
    if isinstance(fix, (Upscale, Downscale)):
        return {"side": str(fix.side)}
    if isinstance(fix, Trim):
        return {"seconds": _plain(fix.length)}
    if isinstance(fix, Framerate):
        return {"fps": _plain(fix.fps)}
    return {}


def _plain(value: Decimal | Fraction) -> str:
    return f"{float(value):.3f}".rstrip("0").rstrip(".")
