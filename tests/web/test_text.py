from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from studio.errors import Charged, Concern, StudioError
from studio.jobs.model import State
from studio.providers.codes import BY_WORDS, CODES
from studio.requests import REQUESTS
from studio.web.text import LANGUAGES, TABLE, Words, for_scripts, words_for
from tests.servers import ROOT

SCRIPTS = sorted((ROOT / "assets").glob("*.js"))
MODULES = sorted((ROOT / "studio").rglob("*.py"))
WEB = [path for path in MODULES if "web" in path.parts and path.name != "text.py"]
LITERAL = r"""["']([\w.-]+)["']"""


def kinds(error: type[StudioError] = StudioError) -> Iterator[str]:
    yield error.kind
    for child in error.__subclasses__():
        yield from kinds(child)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def calls(path: Path) -> Iterator[ast.Call]:
    """Calls of ``words(…)``, ``i18n(…)`` and the like with a literal key."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names_words = (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("words", "i18n")
        )
        if names_words and node.args and isinstance(node.args[0], ast.Constant):
            yield node


def literals() -> Iterator[str]:
    """Regular expressions of all texts in the code that may be keys; what is filled in may be anything."""
    for path in MODULES:
        if path.name == "text.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                fixed = [str(part.value) if isinstance(part, ast.Constant) else None for part in node.values]
                if re.search(r"[a-z]{2}", "".join(filter(None, fixed))):
                    yield "".join(".+" if part is None else re.escape(part) for part in fixed)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield re.escape(node.value)
    for path in SCRIPTS:
        for text, joined in re.findall(LITERAL + r"(\s*\+)?", path.read_text("utf-8")):
            yield re.escape(text) + (".+" if joined and text.endswith(".") else "")


def test_every_error_has_words_and_no_other() -> None:
    told = {key.split(".")[1] for key in TABLE if key.startswith("fault.")}
    meanings = [meaning for codes in CODES.values() for meaning in codes.values()]
    meanings += [meaning for _, _, meaning in BY_WORDS]
    assert told == {*kinds(), *(meaning.cause for meaning in meanings if meaning.cause), "task_unknown"}
    assert {f"charged.{charged}" for charged in get_args(Charged)} == {k for k in TABLE if k.startswith("charged.")}
    concerns = {f"concerns.{concern}" for concern in (*get_args(Concern), "file")}
    assert concerns == {key for key in TABLE if key.startswith("concerns.")}


@pytest.mark.parametrize("path", WEB, ids=lambda path: path.stem)
def test_a_module_names_only_words_that_exist_and_fills_them_in(path: Path) -> None:
    for call in calls(path):
        key = call.args[0].value  # type: ignore[attr-defined]
        assert key in TABLE
        given = {keyword.arg for keyword in call.keywords}
        assert None in given or given == placeholders(TABLE[key]["en"]), key


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_names_only_words_that_exist(path: Path) -> None:
    script = path.read_text("utf-8")
    named = re.findall(rf"\bwords\({LITERAL}[,)]", script)
    named += [key for pair in re.findall(rf"\? {LITERAL} : {LITERAL}", script) for key in pair if "." in key]
    assert set(named) <= set(TABLE)


def test_a_rule_of_a_request_reads_the_same_in_its_error_and_on_the_page() -> None:
    nodes = [node for path in MODULES for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    rules = [n for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "Rule"]
    assert rules
    for rule in rules:
        key, english = (part.value for part in rule.args)  # type: ignore[attr-defined]
        assert TABLE[f"rule.{key}"]["en"] == english
        assert {keyword.arg for keyword in rule.keywords} == placeholders(english)


def test_no_words_are_left_over() -> None:
    used = re.compile("|".join(sorted(set(literals()))))
    assert [key for key in TABLE if not used.fullmatch(key)] == []


def test_every_state_has_words_and_no_other_and_tabs_are_modes() -> None:
    told = {key.split(".")[1] for key in TABLE if key.startswith("state.")}
    assert told == {*State, "running", "stopped"}
    assert {f"state.{state}" for state in told} <= set(TABLE)
    assert {key for key in TABLE if key.startswith("tab.")} <= {f"tab.{mode}" for mode in REQUESTS}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_text_with_the_same_blanks(language: str) -> None:
    for key, texts in TABLE.items():
        assert texts.get(language, "").strip(), key
        assert placeholders(texts[language]) == placeholders(texts["en"]), key
    assert for_scripts()[language].keys() == TABLE.keys()


@pytest.mark.parametrize("header", [None, "", "xx", "tlh-XX,qq;q=0.5", ";;;", "en-GB,en;q=0.9"])
def test_who_speaks_none_of_our_languages_is_spoken_to_in_english(header: str | None) -> None:
    assert words_for(header) == Words("en")


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        Words()("no.such.key")
