"""Several videos from one form: a line of dashes begins another prompt, and each prompt may get several seeds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from studio.catalog.prompts import cleaned, is_blank
from studio.catalog.requests import Request, with_seed
from studio.errors import InvalidRequest, Problem
from studio.message import Message

CHOICES = (1, 2, 3, 4)
MOST = 20
"""Videos from one press of the button."""
MOST_BATCH = 100
"""Of a press that makes one of each of several pictures."""

_DIVIDER = re.compile(r"^[ \t]*-{3,}[ \t]*$", re.MULTILINE)


def prompts_of(text: str) -> list[str]:
    """The prompts that are written in the field: at least one, which may be empty."""
    text = cleaned(text)
    return [part.strip() for part in _DIVIDER.split(text) if not is_blank(part)] or [text]


def count_of(text: str, variants: int, pictures: int = 0) -> int:
    """How many videos these are, of each of ``pictures`` where there are some; raises InvalidRequest when they are too
    many."""
    count, most = len(prompts_of(text)) * variants * (pictures or 1), MOST_BATCH if pictures else MOST
    if count > most:
        raise InvalidRequest(Problem("variants", count, Message("at most {most} at once", most=most)))
    return count


def variants_of(request: Request, prompts: Sequence[str], variants: int) -> list[Request]:
    """The request ``variants`` times for each prompt; raises InvalidRequest for a prompt that cannot be sent.

    The first of each has the request's seed, if it has one, the others the seeds that follow it.
    """
    seed, most = request.seed, request.catalog_model.seed.max
    seeds = [None if seed is None else (seed + number) % (most + 1) for number in range(variants)]
    return [with_seed(replace(request, prompt=prompt, seed=one)) for prompt in prompts for one in seeds]
