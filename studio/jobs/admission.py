"""The last look at a job's files before it is accepted: whatever the page or a script said, the rules hold."""

from __future__ import annotations

from decimal import Decimal

from studio.catalog import CATALOG
from studio.errors import InvalidRequest, Problem
from studio.media.checks import Finding, Verdict, check_image, check_video
from studio.media.facts import VideoFacts
from studio.media.vault import Held, Vault
from studio.requests import ImageToVideo, ReferenceToVideo, Request, VideoEdit


def admit(request: Request, owner: str, vault: Vault) -> Decimal | None:
    """Check every file of ``request``; the seconds of its video, if it has one.

    Raises NoSuchFile for a file that ``owner`` never gave and InvalidRequest for one that breaks a rule.
    """
    problems: list[Problem] = []
    seconds: Decimal | None = None
    for field, held in _files(request, owner, vault):
        problems += [
            Problem(held.name, finding.measured or finding.rule, finding.limit or "whole")
            for finding in check(held, request, field)
            if finding.verdict is Verdict.REFUSED
        ]
        if isinstance(held.facts, VideoFacts):
            seconds = held.facts.seconds
    if problems:
        raise InvalidRequest(*problems)
    return seconds


def check(held: Held, request: Request, field: str) -> list[Finding]:
    """The findings of one file as input ``field`` of the request's model."""
    limits = CATALOG.media_limits(request.rules, field)
    if isinstance(held.facts, VideoFacts):
        return check_video(held.facts, limits)
    return check_image(held.facts, limits)


def _files(request: Request, owner: str, vault: Vault) -> list[tuple[str, Held]]:
    match request:
        case ImageToVideo():
            named = [("first_frame", request.first_frame)]
        case ReferenceToVideo():
            named = [("references", asset) for asset in request.references]
        case VideoEdit():
            named = [("video", request.video), *(("references", asset) for asset in request.references)]
        case _:
            named = []
    return [(field, vault.held(owner, asset.sha256)) for field, asset in named]
