"""The board: cards of the visitor's jobs, kept up to date by server-sent events."""

from __future__ import annotations

from typing import Any

import gradio as gr

from studio.web.assets import asset
from studio.web.text import for_scripts

IDEAS = ("idea.1", "idea.2", "idea.3")

from gradio.events import Dependency

class Board(gr.HTML):
    """Draws itself in the browser from ``/studio/events``; triggers ``use`` with a job's settings.

    Its nodes are made by script with ``textContent``: a prompt is never read as HTML.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(
            value=None,
            html_template='<section class="board" aria-labelledby="board-title"></section>',
            js_on_load=asset("board.js"),
            apply_default_css=False,
            words=for_scripts(),
            ideas=list(IDEAS),
            **options,
        )

    def api_info(self) -> dict[str, Any]:
        return {"type": "null"}
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block

    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component
