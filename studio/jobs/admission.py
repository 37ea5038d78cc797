"""The last look at a job's files before it is accepted: whatever the page or a script said, the rules hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from studio.catalog import CATALOG
from studio.errors import InvalidRequest, Problem
from studio.media.checks import Finding, Verdict, check_image, check_video
from studio.media.facts import VideoFacts
from studio.media.vault import Held, Vault
from studio.requests import Asset, ImageToVideo, ReferenceToVideo, Request, VideoEdit


def admit(request: Request, owner: str, vault: Vault) -> tuple[Request, Decimal | None]:
    """Check every file of ``request``: the request with its files as they are held, and the seconds of its video.

    Raises NoSuchFile for a file that ``owner`` never gave and InvalidRequest for one that breaks a rule.
    """
    files = {asset.sha256: vault.held(owner, asset.sha256) for asset in request.assets}
    problems: list[Problem] = []
    seconds: Decimal | None = None
    for field, asset in _inputs(request):
        held = files[asset.sha256]
        problems += [
            Problem(held.name, finding.measured or finding.rule, finding.limit or "whole")
            for finding in check(held, request, field)
            if finding.verdict is Verdict.REFUSED
        ]
        if isinstance(held.facts, VideoFacts):
            seconds = held.facts.seconds
    if problems:
        raise InvalidRequest(*problems)
    return _with(request, {digest: held.asset for digest, held in files.items()}), seconds


def check(held: Held, request: Request, field: str) -> list[Finding]:
    """The findings of one file as input ``field`` of the request's model."""
    limits = CATALOG.media_limits(request.rules, field)
    if isinstance(held.facts, VideoFacts):
        return check_video(held.facts, limits)
    return check_image(held.facts, limits)


def _inputs(request: Request) -> list[tuple[str, Asset]]:
    match request:
        case ImageToVideo():
            return [("first_frame", request.first_frame)]
        case ReferenceToVideo():
            return [("references", asset) for asset in request.references]
        case VideoEdit():
            return [("video", request.video), *(("references", asset) for asset in request.references)]
        case _:
            return []


def _with(request: Request, held: Mapping[str, Asset]) -> Request:
    """The request with its files as they are ``held``, by sha256: an address that came along may show another file."""
    match request:
        case ImageToVideo():
            return replace(request, first_frame=held[request.first_frame.sha256])
        case ReferenceToVideo():
            return replace(request, references=tuple(held[asset.sha256] for asset in request.references))
        case VideoEdit():
            references = tuple(held[asset.sha256] for asset in request.references)
            return replace(request, video=held[request.video.sha256], references=references)
        case _:
            return request
