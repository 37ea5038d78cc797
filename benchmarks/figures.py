"""A figure and its baseline, and how they are printed."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured quantity of the studio, beside the same of the baseline."""

    name: str
    unit: str
    studio: float
    baseline: float

    @property
    def ratio(self) -> float | None:
        """The studio's over the baseline's; None where the baseline is nothing."""
        return self.studio / self.baseline if self.baseline else None


def table(title: str, baseline: str, figures: Iterable[Figure]) -> str:
    """The figures as a Markdown table; ``baseline`` says in its head what the studio is compared to."""
    lines = [f"**{title}**", "", f"| | studio | {baseline} | ratio |", "|---|---:|---:|---:|"]
    lines += [
        f"| {figure.name} | {_shown(figure.studio)} {figure.unit} | {_shown(figure.baseline)} {figure.unit} "
        f"| {'–' if figure.ratio is None else _shown(figure.ratio)} |"
        for figure in figures
    ]
    return "\n".join(lines)


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that ``percent`` of 100 do not exceed."""
    if len(values) < 2:
        return max(values, default=0.0)
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
