"""The page's own code and styles, from the ``assets`` folder: ES modules, served as they are.

A module names another as ``#area/name``. The import map in the page's head says where each is; the address of a file
changes with its content, so a browser keeps it for good.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import gradio as gr

from studio.web.text import LANGUAGES, LOCALES, TEXTS

FOLDER = Path(__file__).parents[3] / "assets"
FRONTEND = Path(gr.__file__).parent / "templates" / "frontend"
"""What Gradio serves."""
SHEETS: Mapping[str, tuple[str, ...]] = {
    "page": (
        "shell/tokens",
        "shell/frame",
        "shell/controls",
        "shell/header",
        "shell/notices",
        "form/form",
        "form/prompt",
        "board/board",
        "board/first",
        "presets/presets",
    ),
    "files": ("form/files/files",),
    "videos": (
        "board/stage",
        "board/waiting",
        "board/trouble",
        "board/variations",
        "board/strip",
        "board/narrow",
    ),
    "history": (
        "history/history",
        "history/filters",
        "history/tiles",
        "history/table",
        "history/selection",
        "history/details",
        "history/compare",
    ),
    "money": ("money/money",),
}
"""Styles that come together, as they stand, each in the layer of its area: those of ``page`` are linked by its head,
the others are asked for by the modules that they belong to."""
ASSETS = "/studio/assets/"
"""Below this the page's own files are."""
LAYERS = ("gradio", "shell", "form", "board", "history", "money", "presets")
"""The later ones win; the first has what Gradio says of all buttons, headings and so on."""

_CLASSIC = ("shell/arrival.js", "shell/language.js", "shell/place.js", "shell/start.js", "shell/theme.js")
"""Scripts of the page itself, and no modules: they run before all else."""
_SERVER_ONLY = re.compile(
    r"(api|charged|check|concerns|cost|csv|edit|fault|filled|limit|manifest|other|problem|reported|size|timeline|trace"
    r"|version)\."
    r"|framing\.(black|blur|bottom|left|middle|right|top)"
    r"|key\.(credits|elsewhere|good|malformed|missing|of_other_region|refused|region$|where|without_prefix)"
    r"|price\.(higher|offer|risen|unseen|untold)|starter\..*\.prompt|state\..*\."
    r"|(bad_visitor|by_address|control_in_address|foreign_file|foreign_origin|foreign_session|long_event|malformed"
    r"|many_connections|many_values|much_arrives|no_endpoint|no_visitor|not_found|sent_again|session_name|slow_request"
    r"|then_send|unforeseen|unknown_host)$"
)
"""Keys of texts that come with what they are about, and only when there is something to tell."""


@dataclass(frozen=True)
class Served:
    """A file of the page's own."""

    name: str
    """Its place below ``studio/assets/``."""
    content: bytes
    media_type: str

    @cached_property
    def address(self) -> str:
        """Relative to the page."""
        return f"{ASSETS[1:]}{self.name}?v={self.version}"

    @cached_property
    def version(self) -> str:
        """Another for another content."""
        return hashlib.sha256(self.content).hexdigest()[:8]


@cache
def asset(name: str) -> str:
    """The text of a file in ``assets``, such as ``board/board.js``."""
    return (FOLDER / name).read_text("utf-8")


@cache
def modules() -> dict[str, Served]:
    """All modules of the page by name; those of ``words`` are made of the translations."""
    texts = {
        path.relative_to(FOLDER).with_suffix("").as_posix(): path.read_text("utf-8")
        for path in sorted(FOLDER.glob("*/**/*.js"))
        if path.relative_to(FOLDER).as_posix() not in _CLASSIC
    }
    texts |= {f"words/{language}": _exported(script_texts(language)) for language in LANGUAGES}
    names = {
        language: {"name": TEXTS[language]["language.name"], "switch": TEXTS[language]["language.switch"]}
        for language in LANGUAGES
    }
    texts["words/languages"] = _exported(names)
    return {name: Served(f"{name}.js", text.encode(), "text/javascript") for name, text in texts.items()}


@cache
def served() -> dict[str, Served]:
    """All files of the page's own by name."""
    return {one.name: one for one in (*sheets().values(), *modules().values(), *pictures().values())}


@cache
def pictures() -> dict[str, Served]:
    """All pictures of the page by name, such as ``examples/tram``."""
    paths = {path.relative_to(FOLDER).with_suffix("").as_posix(): path for path in sorted(FOLDER.glob("*/*.avif"))}
    return {name: Served(f"{name}.avif", path.read_bytes(), "image/avif") for name, path in paths.items()}


@cache
def sheets() -> dict[str, Served]:
    """All styles by the names of ``SHEETS``. The first says how the layers follow one another."""
    layers = f"@layer {', '.join(LAYERS)};\n@layer gradio {{ {_gradio_reset()} }}\n"
    texts = {name: "".join(asset(f"{one}.css") for one in parts) for name, parts in SHEETS.items()}
    texts["page"] = layers + texts["page"]
    return {
        name: Served(f"styles/{name}.css", text.encode(), "text/css; charset=utf-8") for name, text in texts.items()
    }


def _gradio_reset() -> str:
    """What Gradio says of all elements of a kind, whoever made them: here it stands below all that the studio says."""
    return (FRONTEND / _gradio_index("css")).read_text("utf-8")


def _gradio_index(kind: str) -> str:
    """Where Gradio's own page has the file that it begins with, such as ``assets/index-DphvyggB.js``."""
    found = re.search(rf'="\./(assets/index-[\w-]+\.{kind})"', (FRONTEND / "index.html").read_text("utf-8"))
    assert found is not None
    return found[1]


def _exported(value: Any) -> str:
    return f"export default {json.dumps(value, ensure_ascii=False)};\n"


def script_texts(language: str) -> dict[str, str]:
    """The texts by key that a module may ask for."""
    return {key: text for key, text in TEXTS[language].items() if not _SERVER_ONLY.match(key)}


def head(root: str) -> str:
    """What the head of a page below ``root`` begins with: the import map, before any module; place, language and theme,
    which are settled before Gradio starts; the styles; and the first of Gradio's own modules, of which one names the
    next, and nothing can be drawn before the last."""
    imports = {f"#{name}": f"./{module.address}" for name, module in modules().items()}
    imports |= {f"#styles/{name}": f"./{sheet.address}" for name, sheet in sheets().items()}
    addresses = {locale: modules()[f"words/{language}"].address for language, locale in LOCALES.items()}
    scripts = {
        "place": (root,),
        "language": (LOCALES, addresses),
        "theme": (),
        "arrival": (_arrival_texts(),),
    }
    settled = ";".join(
        f"{asset(f'shell/{name}.js')}({','.join(map(json.dumps, given))})" for name, given in scripts.items()
    )
    return "".join(
        (
            f'<script type="importmap">{json.dumps({"imports": imports})}</script>',
            # Without a word on its icon a browser asks the host for one, beside the path.
            '<link rel="icon" href="favicon.ico" type="image/svg+xml">',
            f"<script>{settled}</script>",
            # Nothing waits for it but what the modules draw: until then the page shows its first paint.
            f'<link id="page-styles" rel="stylesheet" href="{sheets()["page"].address}" media="print"',
            """ onload="this.media=''">""",
            f'<link rel="modulepreload" href="{_gradio_index("js")}" fetchpriority="high">',
        )
    )


def first_paint() -> str:
    """What is seen until Gradio has begun, and what begins the page's own modules behind it."""
    wanted = [f"#{name}" for name in at_once("shell/main")]
    return f"{asset('shell/first-paint.html')}<script>{asset('shell/start.js')}({json.dumps(wanted)})</script>"


def _arrival_texts() -> dict[str, dict[str, str]]:
    """What is said when a piece of the page does not come: that of the translations may be the one."""
    keys = {"incomplete": "incomplete", "again": "incomplete.do", "close": "close"}
    return {locale: {name: TEXTS[language][key] for name, key in keys.items()} for language, locale in LOCALES.items()}


_IMPORT = re.compile(r"""^(?:import|(?:import|export)\s[^;"']*?\sfrom)\s+["']#([\w/-]+)["'];""", re.MULTILINE)


@cache
def at_once(first: str, but: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The modules that ``first`` cannot begin without: those that it imports, and those that they do, ``but`` for some
    that are there. What is imported later, where it is needed, is not among them."""
    found: dict[str, None] = {}
    waiting = [first]
    while waiting:
        name = waiting.pop()
        if name not in found and name not in but:
            found[name] = None
            waiting += reversed(_IMPORT.findall(modules()[name].content.decode()))
    return tuple(found)


def part(name: str, elem_id: str, **props: Any) -> gr.HTML:
    """An element that the module ``#shell/main`` draws as the part of that name; ``props`` never change."""
    # A function and not a subclass: Gradio would write a stub file beside the module of a subclass.
    call = f"page.mount({json.dumps(name)}, element, {json.dumps(props)})"
    return gr.HTML(
        html_template="",
        js_on_load=f'import("#shell/main").then((page) => {call})',
        apply_default_css=False,
        elem_id=elem_id,
    )
