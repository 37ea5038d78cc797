"""The edge: what stands between the network and Gradio's app, the outermost first.

It stands outside of what Gradio itself puts around its app, since that answers some requests on its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from studio.accounts.configured import CALLBACKS
from studio.config import Settings
from studio.system.disk import Reserve
from studio.system.hosts import Host
from studio.system.networks import LOOPBACK
from studio.visitors.tokens import Identity
from studio.web.edge.bodies import Bodies, Room, doors
from studio.web.edge.connections import share_of_network
from studio.web.edge.cookies import Cookies
from studio.web.edge.endpoints import Endpoints
from studio.web.edge.gradio import GradioDoors
from studio.web.edge.headers import SPACE_FRAMES, SPACE_STATUS, AnswerHeaders
from studio.web.edge.hosts import OnlyKnownHosts, known_hosts
from studio.web.edge.incidents import Incidents
from studio.web.edge.origins import own_origins
from studio.web.edge.proxies import Proxies, trusted_networks
from studio.web.edge.sessions import OwnSessions
from studio.web.edge.shares import Shares
from studio.web.edge.visitors import Visitors


def edge(
    settings: Settings,
    secret: bytes,
    own: Iterable[BaseRoute] = (),
    endpoints: Endpoints | None = None,
    uploads: Path | None = None,
) -> list[Middleware]:
    """The middleware for a studio with these settings.

    ``secret`` signs its visitors' tokens, ``own`` are its routes beside Gradio's, ``endpoints`` what Gradio can be
    asked to run (None where that is its own to say), ``uploads`` the folder that it puts uploads into.
    """
    address = settings.public_address or ""
    public = Host.of_address(address) if address.startswith("https://") else None
    cookies = Cookies(Identity(secret, settings.visitors_epoch), framed=settings.on_space, root=settings.root_path)
    return [
        Middleware(
            AnswerHeaders,
            videos=_players(settings),
            **({"frames": SPACE_FRAMES, "asks": SPACE_STATUS} if settings.on_space else {}),
        ),
        Middleware(Incidents),
        Middleware(Proxies, trusted=trusted_networks(settings)),
        Middleware(Shares, most=share_of_network(settings), spared=(*LOOPBACK, *trusted_networks(settings))),
        Middleware(OnlyKnownHosts, known=known_hosts(settings)),
        Middleware(Visitors, cookies=cookies, own=own_origins(settings), public=public),
        Middleware(GradioDoors, own=own),
        Middleware(Bodies, doors=doors(_room(uploads, settings) if uploads else None), unread=(CALLBACKS,)),
        Middleware(OwnSessions, endpoints=endpoints),
    ]


def _players(settings: Settings) -> tuple[str, ...]:
    """Where players are sent, besides the studio itself."""
    if not settings.s3_redirect or settings.s3_endpoint is None:
        return ()
    parts = urlsplit(settings.s3_endpoint)
    return (f"{parts.scheme}://{parts.netloc}",)


def _room(uploads: Path, settings: Settings) -> Room | None:
    """Of the folder that uploads are put into; None where that is on another disk than results."""
    for folder in (uploads, settings.output_dir):
        folder.mkdir(parents=True, exist_ok=True)
    if uploads.stat().st_dev != settings.output_dir.stat().st_dev:
        return None
    return partial(Reserve(settings.disk_reserve).require, uploads)


def around(app: ASGIApp, stack: list[Middleware]) -> ASGIApp:
    """``app`` inside of ``stack``."""
    for cls, args, options in reversed(stack):
        app = cls(app, *args, **options)
    return app
