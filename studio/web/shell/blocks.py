"""The page's Blocks, with a door: what comes to an endpoint is counted, and refused in a sentence.

Gradio takes values by position. A script that was written for an endpoint with fewer parameters goes on working: what
it does not send has its default. Any other miscount is told in words instead of Gradio's internals, and what nobody
foresaw as the number of an incident. The page itself has no events: its forms have addresses of their own.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any

import gradio as gr
from gradio.server_messages import EventMessage
from gradio.utils import LRUCache

from studio.errors import StudioError
from studio.web.answers import status_for
from studio.web.edge.incidents import report
from studio.web.text import Translation
from studio.web.visitors.asker import words_of

_WORDS: ContextVar[Translation | None] = ContextVar("words", default=None)

Parameters = Sequence[inspect.Parameter]


class _Messages(LRUCache[str, asyncio.Queue[EventMessage]]):
    """What Gradio's queue has for each session. For one that it knows no more the messages go nowhere: where that
    raises, the queue ends for everybody."""

    def __missing__(self, session: str) -> asyncio.Queue[EventMessage]:
        return asyncio.Queue()


class StudioBlocks(gr.Blocks):
    """Gradio's Blocks. ``endpoints`` gives the parameters of each named endpoint, in the order of its values."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.endpoints: Mapping[str, Parameters] = {}
        super().__init__(*args, **options)
        # Gradio's queue, by which only scripts may go, would look for something to do a thousand times a second.
        self._queue.sleep_when_free = self._queue.progress_update_sleep_when_free = 0.1
        self._queue.pending_messages_per_session = _Messages(self._queue.pending_messages_per_session.max_size)

    async def process_api(
        self, block_fn: Any, inputs: list[Any], state: Any = None, request: Any = None, *args: Any, **options: Any
    ) -> dict[str, Any]:
        """One event or call, from its values to its answer; what is refused is told in the caller's language."""
        if isinstance(request, gr.Request) and request.request is not None:
            _WORDS.set(words_of(request))
        try:
            answer: dict[str, Any] = await super().process_api(block_fn, inputs, state, request, *args, **options)
        except gr.Error as error:
            if isinstance(request, gr.Request) and request.request is not None:
                cause = error.__cause__
                request.request.state.refused = status_for(cause)[0] if isinstance(cause, StudioError) else 400
            raise
        except Exception as error:
            number = report(error, f"event {block_fn.name}")
            raise refused((_WORDS.get() or Translation())("unforeseen", id=number)) from None
        return answer

    async def preprocess_data(self, block_fn: Any, inputs: list[Any], *args: Any, **options: Any) -> list[Any]:
        """The values as the function gets them. Raises ``gr.Error`` with a sentence."""
        # As they are: Gradio would fetch an address that stands for a file itself, unjudged and without a bound.
        return completed(inputs, self.endpoints[block_fn.api_name], _WORDS.get() or Translation())


def completed(args: Sequence[Any], parameters: Parameters, words: Translation) -> list[Any]:
    """``args`` with the defaults of the parameters that are not sent; ``gr.Error`` when one has none, or for too many.

    None counts as not sent, since that is what a script sends for what it does not know.
    """
    if len(args) > len(parameters):
        names = ", ".join(one.name for one in parameters)
        raise refused(words("api.many", count=len(args), most=len(parameters), names=names))
    values = [*args, *[None] * (len(parameters) - len(args))]
    for place, parameter in enumerate(parameters):
        if values[place] is None:
            if parameter.default is parameter.empty:
                raise refused(words("api.missing", name=parameter.name))
            values[place] = parameter.default
    return values


def refused(sentence: str) -> gr.Error:
    return gr.Error(sentence, print_exception=False)
