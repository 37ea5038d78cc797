"""Pre-flight: all that is known of a form's files before anything is sent.

    facts → findings → fixes → what would be billed → what is offered

Nothing here is worded and nothing is done; pages and the last look before a job is accepted read the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from studio.catalog.models import CATALOG, MediaLimits, Model, Rate
from studio.catalog.sizes import output_size
from studio.media.checks import Finding, Verdict, check_image, check_video, verdict
from studio.media.facts import VideoFacts
from studio.media.fixes import Crop, Fix, Pad, Trim
from studio.media.plan import plan
from studio.media.vault import Facts, VaultFile


@dataclass(frozen=True)
class MendableFinding:
    """A finding, and what a click on its fix does; nothing where nothing mends it."""

    finding: Finding
    fixes: tuple[Fix, ...]


@dataclass(frozen=True)
class TrimOffer:
    """All of a video's fixes together, with one length that it may get."""

    seconds: Decimal
    fixes: tuple[Fix, ...]
    prices: Mapping[str, tuple[Decimal, Rate]]
    """What is then billed, by resolution: the amount, and the rate it comes from."""


@dataclass(frozen=True)
class TrimSaving:
    """What a shorter copy of a video would save. Seconds."""

    least: Decimal
    most: Decimal
    keep: Decimal
    """What comes out at most; the rest is billed for nothing."""
    rates: Mapping[str, Rate]
    """Price of a second, by resolution."""
    others: tuple[Fix, ...]
    """What has to be done beside any trim, so that the file can be sent."""
    offers: tuple[TrimOffer, ...]
    """The one that is worth its price first, then the longest that is allowed."""


@dataclass(frozen=True)
class FileReport:
    """One file as an input of a model."""

    file: VaultFile
    fetched_there: bool
    """Whether the provider fetches it itself from the address that the visitor gave."""
    mends: tuple[MendableFinding, ...]
    fixes: tuple[Fix, ...]
    """What mends all that can be mended."""
    framings: Mapping[str, Fix]
    """What may stand in the place of its crop or pad, by name; the first is what ``fixes`` has."""
    saving: TrimSaving | None

    @property
    def findings(self) -> list[Finding]:
        return [mend.finding for mend in self.mends]

    @property
    def verdict(self) -> Verdict:
        return verdict(self.findings)

    @property
    def mendable(self) -> bool:
        """Whether every rule that it breaks has a fix."""
        return all(one.fix for one in self.findings if one.verdict is Verdict.REFUSED)


@dataclass(frozen=True)
class Output:
    """What comes of the files. Pixels, seconds."""

    size: tuple[int, int] | None
    """Where it follows a file."""
    billed_input: Decimal | None
    """The seconds of a file that are billed beside the video's."""
    seconds: Decimal | None
    """Length of the video, where it follows that file."""
    source: VaultFile | None = None
    """That file."""


def fetched_there(file: VaultFile, takes_files: bool) -> bool:
    """Whether the provider fetches the file itself from the address that the visitor gave: where its account
    ``takes_files``, what was measured here is what goes out."""
    return file.url is not None and not takes_files


def check(file: VaultFile, limits: Sequence[MediaLimits]) -> list[Finding]:
    """Every rule of one file."""
    facts = file.facts
    return check_video(facts, limits) if isinstance(facts, VideoFacts) else check_image(facts, limits)


def billable_seconds(file: VaultFile, model: Model, takes_files: bool) -> Decimal:
    """The length of a video that may have to be paid: the longest of its own, or the longest that the provider takes
    where it fetches the video itself."""
    assert isinstance(file.facts, VideoFacts)
    if not fetched_there(file, takes_files):
        return file.facts.longer
    inputs = [name for name, rule in model.inputs.items() if rule.billed]
    limits = [one for name in inputs for one in CATALOG.media_limits(model, name)]
    spans = [one.seconds for one in limits if one.seconds is not None]
    return max((span[1] for span in spans), default=file.facts.longer)


def report(file: VaultFile, model: Model, field: str, region: str, *, takes_files: bool) -> FileReport:
    """The file as input ``field`` of ``model``, as it is brought to an account in ``region``."""
    limits, facts = CATALOG.media_limits(model, field), file.facts
    findings = check(file, limits)
    there = fetched_there(file, takes_files)
    if there:
        findings.append(Finding("address", Verdict.ADVICE, CATALOG.providers[model.provider].name, ""))
    fixes = tuple(plan(facts, findings, limits))
    saving = None
    if model.inputs[field].billed and isinstance(facts, VideoFacts):
        saving = _saving(facts, findings, limits, model, region)
    mends = tuple(MendableFinding(finding, _mends(facts, finding, limits)) for finding in findings)
    return FileReport(file, there, mends, fixes, _framings(facts, fixes), saving)


def output(files: Mapping[str, Sequence[VaultFile]], model: Model, resolution: str, *, takes_files: bool) -> Output:
    """What comes of a form's files, by inputs."""
    leading = next((file for name, rule in model.inputs.items() if rule.leads for file in files[name]), None)
    videos = (file for name, rule in model.inputs.items() if rule.billed for file in files[name])
    billed = next((file for file in videos if isinstance(file.facts, VideoFacts)), None)
    size = billed_input = seconds = None
    if leading is not None:
        size = output_size(resolution, Fraction(leading.facts.width, leading.facts.height))
    if billed is not None:
        billed_input = billable_seconds(billed, model, takes_files)
        seconds = min(billed_input, CATALOG.edit.max_output_seconds)
    return Output(size=size, billed_input=billed_input, seconds=seconds, source=billed)


def _mends(facts: Facts, finding: Finding, limits: Sequence[MediaLimits]) -> tuple[Fix, ...]:
    if finding.fix is None or finding.verdict is Verdict.PASS:
        return ()
    return tuple(plan(facts, [finding], limits))


def _framings(facts: Facts, fixes: Iterable[Fix]) -> Mapping[str, Fix]:
    """Crops with their anchors, then pads."""
    crop = next((fix for fix in fixes if isinstance(fix, Crop)), None)
    if crop is None:
        return {}
    wide = Fraction(facts.width, facts.height) > crop.ratio
    anchors = {"middle": (0.5, 0.5), "left" if wide else "top": (0.0, 0.0), "right" if wide else "bottom": (1.0, 1.0)}
    ways: dict[str, Fix] = {name: Crop(crop.ratio, anchor) for name, anchor in anchors.items()}
    return ways | {"blur": Pad(crop.ratio), "black": Pad(crop.ratio, "#000000")}


def _saving(
    facts: VideoFacts, findings: Sequence[Finding], limits: Sequence[MediaLimits], model: Model, region: str
) -> TrimSaving | None:
    """Offered when part of the input is billed and then cut off."""
    keep = CATALOG.edit.max_output_seconds
    spans = [one.seconds for one in limits if one.seconds is not None]
    if not spans or facts.seconds <= keep:
        return None
    least, most = max(span[0] for span in spans), min(facts.seconds, *(span[1] for span in spans))
    rates = {one: rate for one in model.resolution.all if (rate := CATALOG.rate(model, region, one))}
    offers = []
    for length in (keep, most):
        billed = length + min(length, keep)
        prices = {one: (billed * rate.amount, rate) for one, rate in rates.items()}
        offers.append(TrimOffer(length, tuple(plan(facts, findings, limits, length=length)), prices))
    needed = [one for one in findings if one.verdict is Verdict.REFUSED or one.fix == "trim"]
    others = tuple(fix for fix in plan(facts, needed, limits) if not isinstance(fix, Trim))
    return TrimSaving(least, most, keep, rates, others, tuple(offers))
