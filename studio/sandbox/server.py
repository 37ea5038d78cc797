"""The sandbox as one ASGI application: the far side of the wire, for trying, developing and testing without a cloud."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from studio.catalog.models import ProviderName
from studio.sandbox import aivideo, dashscope
from studio.sandbox.cloud import Sandbox
from studio.sandbox.credits import START
from studio.sandbox.faults import ENDPOINTS, Endpoint, InjectedFault, Misbehaviour


class CloudModule(Protocol):
    """What the module of a cloud has."""

    PROVIDER: ProviderName

    def routes(self, sandbox: Sandbox) -> list[Route]:
        """Its addresses; each bears the name of an endpoint as ``faults`` lists them."""

    def error_body(self, fault: InjectedFault) -> Mapping[str, Any]:
        """A fault in the cloud's words."""


CLOUDS: tuple[CloudModule, ...] = (dashscope, aivideo)


def build(sandbox: Sandbox, *, control: bool) -> ASGIApp:
    """The application; ``control`` adds the endpoints that make it misbehave."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        sandbox.callbacks.resume()
        work = asyncio.create_task(sandbox.tasks.run())
        yield
        await sandbox.callbacks.close()
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
        sandbox.renderer.close()

    endpoints = endpoints_of(sandbox)
    app = Starlette(routes=[endpoint.route for endpoint in endpoints], lifespan=lifespan)
    outside = Misbehaviour(app, endpoints)
    if control:
        app.router.routes += _control(sandbox, outside)
    return outside


def endpoints_of(sandbox: Sandbox) -> list[Endpoint]:
    """The addresses of all clouds, and that of the results."""
    endpoints = [Endpoint(route, cloud.error_body) for cloud in CLOUDS for route in cloud.routes(sandbox)]
    return [*endpoints, Endpoint(Route("/results/{name}", sandbox.result, name="download"), dashscope.error_body)]


def _control(sandbox: Sandbox, outside: Misbehaviour) -> list[BaseRoute]:
    usual_pace = replace(sandbox.tasks.pace)

    async def faults(request: Request) -> Response:
        if request.method == "DELETE":
            outside.queue.clear()
        else:
            body = await request.json()
            for fault in body if isinstance(body, list) else [body]:
                outside.queue.append(InjectedFault(**fault))
        return JSONResponse([asdict(fault) for fault in outside.queue])

    async def statistics(_: Request) -> Response:
        traffic = outside.traffic
        return JSONResponse(
            {
                "requests": {name: len(traffic.requests[name]) for name in ENDPOINTS},
                "busiest_second": traffic.busiest_second("create", "get", "list", "cancel", "credits"),
                "creations": sandbox.creations,
                "tasks": [
                    {
                        "id": task.id,
                        "provider": task.provider,
                        "status": task.status,
                        "prompt": task.prompt,
                        "ended_at": task.ended_at,
                    }
                    for task in sandbox.tasks
                ],
            }
        )

    async def rules(request: Request) -> Response:
        body: dict[str, Any] = await request.json()
        for name, value in body.items():
            setattr(sandbox.tasks.pace if hasattr(sandbox.tasks.pace, name) else sandbox.rules, name, value)
        sandbox.tasks.poke()
        return JSONResponse(asdict(sandbox.tasks.pace) | asdict(sandbox.rules))

    async def balance(request: Request) -> Response:
        body: dict[str, Any] = await request.json()
        sandbox.credits.leave(Decimal(str(body["balance"])))
        return JSONResponse({"balance": str(sandbox.credits.balance)})

    async def clear(_: Request) -> Response:
        outside.queue.clear()
        for times in outside.traffic.requests.values():
            times.clear()
        sandbox.callbacks.forget()
        sandbox.tasks.forget()
        sandbox.credits.leave(START)
        sandbox.creations = 0
        sandbox.recent.clear()
        sandbox.seen_words.clear()
        sandbox.tasks.pace = replace(usual_pace)
        sandbox.rules = sandbox.usual_rules()
        return JSONResponse({})

    return [
        Route("/_control/faults", faults, methods=["POST", "DELETE"]),
        Route("/_control/statistics", statistics),
        Route("/_control/rules", rules, methods=["POST"]),
        Route("/_control/credits", balance, methods=["POST"]),
        Route("/_control/clear", clear, methods=["POST"]),
    ]
