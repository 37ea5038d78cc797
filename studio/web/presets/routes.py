"""Addresses of the presets and of the starting points beside them."""

from __future__ import annotations

import asyncio
from typing import Any, TypedDict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from studio.catalog.models import MODES
from studio.library.presets import LONGEST_NAME, Preset
from studio.media.drawings import DRAWINGS, thumbnail
from studio.service import Studio
from studio.system.parsing import choice, flag, record, text
from studio.system.work_queue import TURNS, Work
from studio.web.answers import answers_errors, body_of, not_found
from studio.web.presets.starters import STARTERS, Starter, give
from studio.web.shell.assets import pictures
from studio.web.shell.packing import packed_json
from studio.web.text import Translation

LONGEST_GIVEN = 1000
"""Characters of a name as it is typed; how long it may be without its blanks the presets say."""


class PresetView(TypedDict):
    """Settings under a name, which the visitor has once for each mode."""

    id: str
    mode: str
    name: str
    settings: dict[str, Any]
    """Values by the names of the request's fields; None means the provider's default."""


class StarterInputView(TypedDict):
    """A file that a starting point gives."""

    field: str
    """The request's field that takes it."""
    picture: str
    """Address of a small picture of it."""


class ExampleView(TypedDict):
    """What could come of a starting point, drawn by the studio: a short film without sound, as pictures."""

    moving: str
    """Address of the animated picture."""
    still: str
    """Address of its first frame."""
    ratio: str
    """Of its sides, such as ``16:9``."""


class StarterView(TypedDict):
    """A starting point."""

    id: str
    mode: str
    prompt: str
    inputs: list[StarterInputView]
    example: ExampleView | None


class StartersView(TypedDict):
    """The starting points of all modes that the first screen shows."""

    starters: list[StarterView]


class PresetsView(TypedDict):
    """What the menu of a mode offers."""

    presets: list[PresetView]
    starters: list[StarterView]
    longest: int
    """Characters of a preset's name."""


def preset_routes(studio: Studio) -> list[BaseRoute]:
    pages = PresetPages(studio)
    return [
        Route("/studio/presets", pages.show),
        Route("/studio/presets", pages.save, methods=["POST"]),
        Route("/studio/presets/{preset_id}", pages.rename, methods=["POST"]),
        Route("/studio/presets/{preset_id}", pages.delete, methods=["DELETE"]),
        Route("/studio/starters", pages.starters),
        Route("/studio/starters/{name}", pages.start, methods=["POST"]),
        Route("/studio/starters/{picture}.jpg", pages.picture),
    ]


class PresetPages:
    """The handlers. Each looks only at presets of the visitor who asks."""

    def __init__(self, studio: Studio) -> None:
        self._presets = studio.presets
        self._vault = studio.vault

    @answers_errors
    async def show(self, request: Request) -> Response:
        """The visitor's presets of ``?mode=…``, and the starting points."""
        mode = request.query_params.get("mode", "")
        words: Translation = request.state.words
        presets = await asyncio.to_thread(self._presets.of, request.state.visitor, mode)
        starters = [_starter(starter, words) for starter in STARTERS.values() if starter.mode == mode]
        own = [_view(preset) for preset in presets]
        menu: PresetsView = {"presets": own, "starters": starters, "longest": LONGEST_NAME}
        return JSONResponse(menu)

    @answers_errors
    async def save(self, request: Request) -> Response:
        """Keep settings: JSON ``{"mode": …, "name": …, "settings": {…}, "replace": false}``."""
        data = await body_of(request)
        settings = record("settings", data.get("settings"))
        mode, name = choice("mode", data.get("mode"), MODES), text("name", data.get("name", ""), LONGEST_GIVEN)
        replace = flag("replace", data.get("replace", False))
        saved = await asyncio.to_thread(
            self._presets.save, request.state.visitor, mode, name, settings, replace=replace
        )
        return JSONResponse(_view(saved))

    @answers_errors
    async def rename(self, request: Request) -> Response:
        """Give it another name: JSON ``{"name": …}``."""
        name = text("name", (await body_of(request)).get("name", ""), LONGEST_GIVEN)
        await asyncio.to_thread(self._presets.rename, request.state.visitor, request.path_params["preset_id"], name)
        return JSONResponse({"done": True})

    @answers_errors
    async def delete(self, request: Request) -> Response:
        await asyncio.to_thread(self._presets.delete, request.state.visitor, request.path_params["preset_id"])
        return JSONResponse({"done": True})

    async def starters(self, request: Request) -> Response:
        """Those that have an example, of all modes."""
        every = [_starter(starter, request.state.words) for starter in STARTERS.values()]
        shown: StartersView = {"starters": [starter for starter in every if starter["example"]]}
        return await packed_json(request, shown)

    @answers_errors
    async def start(self, request: Request) -> Response:
        """Give the visitor the files of a starting point; answers the settings that fill the form in."""
        starter = STARTERS.get(request.path_params["name"])
        if starter is None:
            return not_found(request)
        words: Translation = request.state.words
        visitor = request.state.visitor
        return JSONResponse(await TURNS.run(Work.CHECK, visitor, give, starter, self._vault, visitor, words))

    async def picture(self, request: Request) -> Response:
        """A small picture of a drawing; the same for everyone."""
        name = request.path_params["picture"]
        if name not in DRAWINGS:
            return Response(status_code=404)
        content = await asyncio.to_thread(thumbnail, name)
        return Response(content, media_type="image/jpeg", headers={"Cache-Control": "public, max-age=86400"})


def _starter(starter: Starter, words: Translation) -> StarterView:
    inputs: list[StarterInputView] = [
        {"field": field, "picture": f"studio/starters/{name}.jpg"}
        for field, names in starter.files.items()
        for name in names
    ]
    return {
        "id": starter.id,
        "mode": starter.mode,
        "prompt": starter.prompt(words),
        "inputs": inputs,
        "example": _example(starter),
    }


def _example(starter: Starter) -> ExampleView | None:
    moving, still = (pictures().get(f"examples/{starter.id}{end}") for end in ("", "-still"))
    if moving is None or still is None:
        return None
    return {"moving": moving.address, "still": still.address, "ratio": starter.ratio}


def _view(preset: Preset) -> PresetView:
    return {"id": preset.id, "mode": preset.mode, "name": preset.name, "settings": preset.settings}
