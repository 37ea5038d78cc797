"""Headers of every answer: what a page may load and do, who may frame it, who is told where it stands."""

from __future__ import annotations

from starlette._utils import get_route_path
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.web.edge.cookies import YEAR

SPACE_FRAMES = ("https://huggingface.co", "https://*.hf.space")
"""Where a Space's page stands in a frame."""
SPACE_STATUS = ("https://huggingface.co",)
"""Where Gradio's page asks how its Space is. Kept from it, it takes the Space for missing."""
PERMISSIONS = {
    **dict.fromkeys(("autoplay", "clipboard-write", "fullscreen", "picture-in-picture"), "(self)"),
    **dict.fromkeys(
        (
            "accelerometer",
            "camera",
            "clipboard-read",
            "display-capture",
            "encrypted-media",
            "geolocation",
            "gyroscope",
            "hid",
            "idle-detection",
            "local-fonts",
            "magnetometer",
            "microphone",
            "midi",
            "payment",
            "publickey-credentials-get",
            "screen-wake-lock",
            "serial",
            "usb",
            "xr-spatial-tracking",
        ),
        "()",
    ),
}
"""What of a browser the page uses, and what it has no business with."""
_NEVER_CHANGES = ("/assets/", "/static/")
_NOTHING = "default-src 'none'; frame-ancestors 'none'"
"""The policy of what is data: opened as a page it may load nothing and stand nowhere."""


def content_policy(frames: tuple[str, ...] = (), asks: tuple[str, ...] = (), videos: tuple[str, ...] = ()) -> str:
    """As tight as Gradio allows, which writes scripts into its page and makes functions of texts.

    So no policy keeps a script out that stands in the page: our own write what people typed by ``textContent`` alone.
    """
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' blob: data:",
            " ".join(("media-src 'self' blob: data:", *videos)),
            "font-src 'self' data:",
            " ".join(("connect-src 'self' blob: data:", *asks)),
            "worker-src 'self' blob:",
            "manifest-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            " ".join(("frame-ancestors 'self'", *frames)),
        )
    )


class AnswerHeaders:
    """Middleware: sets them, and takes away those by which Gradio would let other sites read."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        frames: tuple[str, ...] = (),
        asks: tuple[str, ...] = (),
        videos: tuple[str, ...] = (),
    ) -> None:
        """``frames`` are the other sites whose pages may frame this one, ``asks`` those that its scripts may ask,
        ``videos`` those from which it plays."""
        self._app = app
        both = {
            # else a page on another port could tell by an <img> whether its reader has a file
            "cross-origin-resource-policy": "same-origin",
            "referrer-policy": "same-origin",
            "x-content-type-options": "nosniff",
        }
        self._page = both | {
            "content-security-policy": content_policy(frames, asks, videos),
            "permissions-policy": ", ".join(f"{name}={allowed}" for name, allowed in PERMISSIONS.items()),
        }
        self._data = both | {"content-security-policy": _NOTHING}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name in [name for name in headers if name.startswith("access-control-")]:
                    del headers[name]
                is_data = headers.get("content-type", "").startswith("application/json")
                for name, value in (self._data if is_data else self._page).items():
                    headers.setdefault(name, value)
                if message["status"] == 200 and get_route_path(scope).startswith(_NEVER_CHANGES):
                    headers["cache-control"] = f"public, max-age={YEAR}, immutable"
            await send(message)

        return await self._app(scope, receive, with_headers)
