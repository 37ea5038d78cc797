"""Who is behind a request, in which language, with which idempotency key, and by which price.

Routes and Gradio's events find the visitor's id in ``request.state.visitor`` ("" when nobody is known, who has nothing)
and the texts in the visitor's language in ``request.state.words``.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from studio.catalog.pricing import ShownPrice
from studio.errors import InvalidRequest, Problem
from studio.jobs.rows.idempotency import IdempotencyKey
from studio.message import Message
from studio.visitors.visitor import Visitor
from studio.web.text import Translation

KEY_HEADER = "Idempotency-Key"
PRICE_HEADER = "Shown-Price"


def visitor_of(request: gr.Request) -> str:
    """The visitor behind a Gradio event."""
    assert request.request is not None
    visitor: str = request.request.state.visitor
    return visitor


def words_of(request: gr.Request) -> Translation:
    """The texts in the language of who is behind a Gradio event."""
    assert request.request is not None
    words: Translation = request.request.state.words
    return words


def visitor_at(request: Any) -> Visitor:
    """Who is behind a request of Starlette's."""
    return Visitor(request.state.visitor, network_of(request))


def asker(request: gr.Request) -> Visitor:
    """Who is behind a Gradio event."""
    return visitor_at(request.request)


def network_of(request: Any) -> str | None:
    """The network that a request of Starlette's comes from, as the middleware found it out."""
    return getattr(request.state, "network", None) or None


def idempotency_of(request: Any, asked: Any) -> IdempotencyKey | None:
    """The key that came with a request of Starlette's, and what it stands for.

    Raises InvalidRequest where nobody is known by a token or cookie: whoever asks again would be another visitor, and
    pay a second time. The refusal brings along a token to ask with.
    """
    key = request.headers.get(KEY_HEADER)
    if key and not request.state.known:
        header, token = "X-Studio-Visitor", request.state.visitor_token
        rule = Message("sent with the same {header} each time; a new one is “{token}”", header=header, token=token)
        raise InvalidRequest(Problem(KEY_HEADER, key, rule))
    return IdempotencyKey.of(key, asked)


def shown_of(request: Any) -> ShownPrice | None:
    """The price that a script says it goes by, with a request of Starlette's."""
    return ShownPrice.of(request.headers.get(PRICE_HEADER))
