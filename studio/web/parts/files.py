"""The input of files: add, check, mend, order, remove; drawn in the browser, judged by the server."""

from __future__ import annotations

from typing import Any

import gradio as gr

from studio.catalog import Mode, Rules
from studio.requests import Asset
from studio.web.assets import draw


def files_input(elem_id: str, mode: Mode, field: str, rules: Rules) -> gr.HTML:
    """A list of files; its value is a list of ``FileView``, in order. Triggers ``reordered``."""
    rule = rules.media[field]
    return gr.HTML(
        [],
        html_template='<section class="files"></section>',
        js_on_load=draw("files", "reordered"),
        apply_default_css=False,
        elem_id=elem_id,
        elem_classes="f-files",
        mode=mode,
        field=field,
        kind=rule.kind,
        least=rule.count[0],
        most=rule.count[1],
        tokens=field == "references",
    )


def assets_of(value: Any) -> tuple[Asset, ...]:
    """The files of a ``files_input`` as a request names them; whose they are is checked when the job is accepted."""
    items = value if isinstance(value, list) else []
    return tuple(Asset(str(item["sha256"]), str(item["name"]), item.get("url") or None) for item in items)
