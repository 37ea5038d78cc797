"""The forms' own addresses: what can be chosen, what it costs, filling in, sending."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from studio.catalog.pricing import ShownPrice
from studio.service import Studio
from studio.system.parsing import record
from studio.web.answers import answers_errors, body_of, not_found
from studio.web.board.views import view
from studio.web.form.form import Form
from studio.web.form.offers import modes_offered
from studio.web.money.limits import LimitViews
from studio.web.shell.packing import packed_json
from studio.web.visitors.asker import idempotency_of, network_of, visitor_at

Handler = Callable[[Any, Request, Form, dict[str, Any]], Awaitable[Response]]


def form_routes(studio: Studio) -> list[BaseRoute]:
    pages = FormPages(studio)
    return [
        Route("/studio/forms", pages.offered),
        Route("/studio/forms/{mode}/estimate", pages.estimate, methods=["POST"]),
        Route("/studio/forms/{mode}/settle", pages.settle, methods=["POST"]),
        Route("/studio/forms/{mode}/send", pages.send, methods=["POST"]),
    ]


def _of_form(handler: Handler) -> Callable[[Any, Request], Awaitable[Response]]:
    """Give the handler the form that the address names, and the JSON object that was sent."""

    @answers_errors
    @wraps(handler)
    async def wrapped(self: FormPages, request: Request) -> Response:
        mode, accounts = request.path_params["mode"], self.engine.offered.now()
        if mode not in modes_offered(accounts):
            return not_found(request)
        return await handler(self, request, Form(mode, self.studio, accounts), await body_of(request))

    return wrapped


class FormPages:
    """The handlers. What a form says of its files counts for nothing: they are looked up as the visitor's own."""

    def __init__(self, studio: Studio) -> None:
        self.engine = studio.engine
        self.studio = studio
        self._limits = LimitViews(studio)

    @answers_errors
    async def offered(self, request: Request) -> Response:
        """All forms as they are offered now."""
        words = request.state.words
        notes = self._limits.missing(words)
        accounts = self.engine.offered.now()
        forms = [Form(mode, self.studio, accounts) for mode in modes_offered(accounts)]
        views = await asyncio.to_thread(lambda: [form.view(words, notes) for form in forms])
        return await packed_json(request, {"forms": views})

    @_of_form
    async def estimate(self, request: Request, form: Form, data: dict[str, Any]) -> Response:
        """What the values that stand in a form would cost, and what keeps them from being sent."""
        words, visitor = request.state.words, visitor_at(request)

        def estimated() -> dict[str, Any]:
            known = form.estimate(words, visitor.id, form.read(data))
            notes = [*self._limits.missing(words), *self._limits.warnings(visitor, words)]
            return {**known.with_notes(notes).view()}

        return JSONResponse(await asyncio.to_thread(estimated))

    @_of_form
    async def settle(self, request: Request, form: Form, data: dict[str, Any]) -> Response:
        """The form's values and files for settings: an earlier job's, a preset's, those of a dropped file."""
        words, visitor = request.state.words, request.state.visitor
        return JSONResponse(await asyncio.to_thread(form.settle, visitor, data, words))

    @_of_form
    async def send(self, request: Request, form: Form, data: dict[str, Any]) -> Response:
        """Submit what stands in the form: ``{"values": …, "price": "8.00 CNY"}``; all of its videos or none.

        Asked again with the same ``Idempotency-Key`` it is the same press.
        """
        values = record("values", data.get("values"))
        asker = visitor_at(request)
        requests = form.requests(form.read(values))
        jobs = await self.engine.accept_all(
            asker.id,
            requests,
            network=network_of(request),
            idempotency=idempotency_of(request, [form.mode, values]),
            shown=ShownPrice.of(data.get("price")),
        )
        return JSONResponse({"jobs": [view(job, request.state.words) for job in jobs]})
