"""The page: header, one tab a mode, the board; and how Gradio is to serve it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi.exceptions import RequestValidationError
from gradio.utils import get_upload_folder
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route

from studio.catalog.models import MODES
from studio.catalog.requests import REQUESTS
from studio.service import Studio
from studio.system.listening import EVERY_ADDRESS, EVERY_IPV4, url_host
from studio.web.api import Api
from studio.web.board.routes import routes
from studio.web.edge.endpoints import Endpoints
from studio.web.edge.incidents import malformed, unforeseen
from studio.web.edge.stack import around, edge
from studio.web.form.files import file_routes
from studio.web.form.routes import form_routes
from studio.web.history.onward import onward_routes
from studio.web.history.part import history_props
from studio.web.history.restore import restore_routes
from studio.web.history.routes import history_routes
from studio.web.money.accounts import account_routes
from studio.web.money.ledger import money_routes
from studio.web.presets.routes import preset_routes
from studio.web.shell.assets import FOLDER, at_once, first_paint, head, part
from studio.web.shell.blocks import StudioBlocks
from studio.web.shell.cache import PageCache
from studio.web.shell.health import health_routes
from studio.web.shell.public import public_routes
from studio.web.shell.root import Root
from studio.web.shell.statics import Statics
from studio.web.shell.theme import theme
from studio.web.text import LOCALES, TEXTS, Translation
from studio.web.visitors.notice import visitor_routes

UPLOADS_SWEPT = (600, 3600)
"""Seconds between two looks at what scripts uploaded, and how long it stays: several calls may name the same file."""


def build(studio: Studio) -> gr.Blocks:
    """Lay the page out."""
    i18n = _translations()
    words = Translation()
    with StudioBlocks(
        title=words("title"), fill_width=True, analytics_enabled=False, delete_cache=UPLOADS_SWEPT
    ) as page:
        part("header", "header")
        with gr.Row(elem_id="studio"):
            # No menu for tabs without room: Gradio counts those before their style is there, and keeps to it.
            with gr.Column(elem_id="modes", min_width=320), gr.Tabs(elem_id="tabs", overflow_behavior="wrap"):
                for mode in MODES:
                    prefix = REQUESTS[mode].short
                    with gr.Tab(i18n(f"tab.{mode}"), id=mode, elem_id=f"{prefix}-tab"):
                        part("form", f"{prefix}-form", mode=mode)
            with gr.Column(elem_id="results", min_width=320):
                later = at_once("board/videos", but=at_once("shell/main"))
                part("board", "board", keep=_keep(studio), undo_seconds=studio.library.undo_seconds, later=later)
        part("history", "library", **history_props(studio))
        api = Api(studio)
        api.register()
        page.endpoints = api.parameters
    return page  # type: ignore[no-any-return]  # Gradio's Blocks enters as Any


def launch_options(studio: Studio) -> dict[str, Any]:
    """What ``launch`` is to be told: our routes and middleware, and the parts of Gradio we do without."""
    settings = studio.settings
    own: list[BaseRoute] = [
        Route("/studio/api/{name}", Api(studio).by_name, methods=["POST"]),
        *public_routes(studio),
        *account_routes(studio),
        *onward_routes(studio),
        *routes(studio),
        *health_routes(studio),
        *history_routes(studio),
        *money_routes(studio),
        *restore_routes(studio),
        *preset_routes(studio),
        *file_routes(studio),
        *form_routes(studio),
        *visitor_routes(),
    ]
    return {
        # Gradio knows one address; app.py adds what IPv6 is reached by.
        "server_name": EVERY_IPV4 if settings.host == EVERY_ADDRESS else url_host(settings.host),
        "server_port": studio.port,
        "root_path": settings.root_path,
        "theme": theme(),
        "favicon_path": str(FOLDER / "favicon.svg"),
        "i18n": _translations(),
        "footer_links": ["api"],
        "blocked_paths": [str(settings.data_dir), str(settings.output_dir)],
        "max_file_size": "110mb",
        "state_session_capacity": 1000,
        "max_threads": 100,
        "ssr_mode": False,
        "run_history": False,
        "enable_monitoring": False,
        "pwa": False,
        "share": False,
        "show_error": False,
        "app_kwargs": {
            "routes": own,
            "middleware": [Middleware(PageCache, head=head(settings.root_path), first=first_paint())],
            "lifespan": _edged(studio, own),
            "exception_handlers": {Exception: unforeseen, RequestValidationError: malformed},
            "docs_url": None,
            "redoc_url": None,
            "openapi_url": None,
        },
    }


def _edged(studio: Studio, own: list[BaseRoute]) -> Callable[[gr.routes.App], Any]:
    """Puts the edge around Gradio's app: its start is the first moment at which what Gradio adds is there too."""

    @asynccontextmanager
    async def lifespan(app: gr.routes.App) -> AsyncIterator[None]:
        assert app.middleware_stack is not None
        page = app.get_blocks()
        assert isinstance(page, StudioBlocks)
        names = {str(event.api_name) for event in page.fns.values() if event.api_name}
        here = {number for number, event in page.fns.items() if event.fn is not None}  # the others are the browser's
        endpoints = Endpoints(names, here, page.endpoints, page._queue)
        stack = edge(studio.settings, studio.secret, own, endpoints, Path(get_upload_folder()))
        inner = Statics(around(app.middleware_stack, stack), page.theme_css, page.theme_hash)
        app.middleware_stack = Root(inner, studio.settings.root_path, own)
        yield

    return lifespan


def _keep(studio: Studio) -> dict[str, Any]:
    """How long what is made stays, and what is given and not used: days and hours."""
    return {"days": studio.settings.keep_days, "hours": round(studio.pace.keep_unused_seconds / 3600)}


@cache
def _translations() -> gr.I18n:
    """What Gradio itself shows: the names of the tabs."""
    keys = [f"tab.{mode}" for mode in MODES]
    return gr.I18n(**{locale: {key: TEXTS[language][key] for key in keys} for language, locale in LOCALES.items()})
