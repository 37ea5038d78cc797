from __future__ import annotations

import ast
import json
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard, get_args

import pytest

from studio.catalog.models import CATALOG
from studio.catalog.requests import REQUESTS, inputs_of, parameters_of
from studio.database.states import State
from studio.errors import (
    ArchiveUnreadable,
    Charged,
    Concern,
    ConfigError,
    DatabaseTooNew,
    Fault,
    FixFailed,
    InvalidRequest,
    LimitReached,
    NoLimits,
    SpendingLimit,
    StudioError,
    UpgradeFailed,
)
from studio.jobs.model import STATUS_WORDS, Event, Happening, Trace
from studio.message import Message
from studio.providers.base import TaskStatus
from studio.providers.clouds import CLIENTS
from studio.providers.codes import BY_WORDS, GIVEN_UP, UNEXPLAINED
from studio.web.history.details import happened
from studio.web.shell.assets import script_texts
from studio.web.text import LANGUAGES, SAID, SAID_BEFORE, TEXTS, Translation, words_for
from tests.documentation import pages
from tests.servers import ROOT

SCRIPTS = sorted((ROOT / "assets").rglob("*.js"))
MODULES = sorted((ROOT / "studio").rglob("*.py"))
WEB = [path for path in MODULES if "web" in path.parts]
KEYS = TEXTS["en"].keys()
LITERAL = r"""["']([\w.-]+)["']"""
TEMPLATE = r"`([\w.-]*\$\{[^`]*)`"
FORMS = ("one", "other")
"""Behind the key of a text that counts: which of them a language has, follows how it counts."""


def errors(error: type[StudioError] = StudioError) -> Iterator[type[StudioError]]:
    yield error
    for child in error.__subclasses__():
        yield from errors(child)


TERMINAL = {ConfigError, ArchiveUnreadable, DatabaseTooNew, UpgradeFailed}
"""Errors that are raised at who starts the program."""
SPEAKERS = {
    error.__name__: 1 for error in {*errors()} - TERMINAL - {InvalidRequest, LimitReached, SpendingLimit, NoLimits}
}
SPEAKERS |= {"Message": 1, "Problem": 3}
"""Which argument of a call is a sentence or a phrase for the visitor."""
UNHEARD = {"comment_tag.py"}
"""Whose errors only the log hears of."""


def is_text(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def calls(path: Path) -> Iterator[tuple[str, set[str | None]]]:
    """The key and the blanks of each ``words(…)``, ``i18n(…)`` and ``words.count(…)`` with a literal key."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and node.args and is_text(key := node.args[0]):
            filled = {keyword.arg for keyword in node.keywords}
            match node.func:
                case ast.Name("words" | "i18n"):
                    yield key.value, filled
                case ast.Attribute(ast.Name("words"), "count"):
                    yield f"{key.value}.other", filled | {"count"}


def literals() -> Iterator[str]:
    """Regular expressions of all texts in the code that may be keys; what is filled in may be anything."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                fixed = [str(part.value) if isinstance(part, ast.Constant) else None for part in node.values]
                if re.search(r"[a-z]{2}", "".join(filter(None, fixed))):
                    yield "".join(".+" if part is None else re.escape(part) for part in fixed)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield re.escape(node.value)
    for path in WEB:
        for key, given in calls(path):
            if "count" in given:
                yield re.escape(key.removesuffix(".other")) + r"\.(one|other)"
    for kind in REQUESTS.values():
        yield from map(re.escape, (*parameters_of(kind), *inputs_of(kind)))
        yield from (rf"{re.escape(name)}\.(on|off)" for name in parameters_of(kind))
    for path in SCRIPTS:
        script = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
        for text, joined in re.findall(LITERAL + r"(\s*\+)?", script):
            yield re.escape(text) + (".+" if joined and text.endswith(".") else "")
        for template in re.findall(TEMPLATE, script):
            fixed = re.split(r"\$\{[^}]*\}", template)
            if re.search(r"[a-z]{2}", "".join(fixed)):
                yield ".+".join(map(re.escape, fixed))
        for text in re.findall(rf"\bwords\.count\({LITERAL}", script):
            yield from (re.escape(f"{text}.{form}") for form in FORMS)


def test_every_error_has_words_and_no_other() -> None:
    told = {key.split(".")[1] for key in KEYS if key.startswith("fault.")}
    meanings = [meaning for client in CLIENTS.values() for meaning in client.codes.table.values()]
    meanings += [GIVEN_UP, UNEXPLAINED, *(meaning for _, _, meaning in BY_WORDS)]
    assert told == {
        *(error.kind for error in errors()),
        *(meaning.cause for meaning in meanings if meaning.cause),
        "task_unknown",
        "status_undocumented",
    }
    assert {f"charged.{charged}" for charged in get_args(Charged)} == {k for k in KEYS if k.startswith("charged.")}
    concerns = {f"concerns.{concern}" for concern in (*get_args(Concern), "file")}
    assert concerns == {key for key in KEYS if key.startswith("concerns.")}


HAPPENED = [Event(0.0, what, {}) for what in (*State, *Happening)]
HAPPENED += [Event(0.0, Happening.TASK, {"task_status": status}) for status in TaskStatus]
HAPPENED += [Event(0.0, Happening.SEARCHED, {"trace": trace}) for trace in Trace if trace is not Trace.FOUND]


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_happens_to_a_job_has_words_of_its_own(language: str) -> None:
    said = [happened(event, Translation(language)) for event in HAPPENED]
    assert len({*said}) == len(said)
    for event, text in zip(HAPPENED, said, strict=True):
        assert text != event.what
        assert not any(raw in text for raw in event.detail.values())


def test_what_another_studio_says_happened_is_told_as_it_stands() -> None:
    for what in ("queued.absent", "status.pending", "started", "{what}"):
        assert happened(Event(0.0, what, {"trace": "pending"}), Translation()) == what


@pytest.mark.parametrize("path", WEB, ids=lambda path: path.stem)
def test_a_module_names_only_words_that_exist_and_fills_them_in(path: Path) -> None:
    for key, given in calls(path):
        assert key in KEYS
        assert None in given or given == placeholders(TEXTS["en"][key]), key


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_names_only_words_that_exist(path: Path) -> None:
    script = path.read_text("utf-8")
    named = re.findall(rf"\bwords\({LITERAL}[,)]", script)
    counted = re.findall(rf"\bwords\.count\({LITERAL}", script)
    named += [f"{key}.{form}" for key in counted for form in FORMS]
    named += [key for pair in re.findall(rf"\? {LITERAL} : {LITERAL}", script) for key in pair if "." in key]
    assert set(named) <= script_texts("en").keys()


def test_every_parameter_and_input_has_a_name_in_words() -> None:
    declared = {name for kind in REQUESTS.values() for name in (*parameters_of(kind), *inputs_of(kind))}
    assert declared <= KEYS
    many = {one.name for kind in REQUESTS.values() for one in inputs_of(kind).values() if one.many}
    assert {f"{name}.one" for name in many} <= KEYS


@pytest.mark.long
def test_no_words_are_left_over() -> None:
    used = re.compile("|".join(sorted(set(literals()))))
    assert [key for key in KEYS if not used.fullmatch(key)] == []


def test_a_refusal_calls_a_status_as_the_page_does() -> None:
    for standing, said in STATUS_WORDS.items():
        for language in LANGUAGES:
            assert Translation(language).said(said) == TEXTS[language][f"state.{standing}"]


def test_every_state_has_words_and_no_other_and_tabs_are_modes() -> None:
    told = {key.split(".")[1] for key in KEYS if key.startswith("state.")}
    assert told == {*State, "running", "stopped"} == STATUS_WORDS.keys()
    assert {f"state.{state}" for state in told} <= KEYS
    assert {key for key in KEYS if key.startswith("tab.")} == {f"tab.{mode}" for mode in REQUESTS}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_text_with_the_same_blanks(language: str) -> None:
    forms = {f"{key.removesuffix('.other')}.one" for key in KEYS if key.endswith(".other")}
    assert TEXTS[language].keys() <= KEYS
    assert KEYS - TEXTS[language].keys() <= (forms if language != "en" else set())
    for key, text in TEXTS[language].items():
        assert text.strip() or key == "language.joint", key
        counts = {"count"} if key in forms else set()  # of one thing a language may say so in a word
        assert placeholders(text) | counts == placeholders(TEXTS["en"][key]) | counts, key


def sentences() -> Iterator[str]:
    """What the studio says in English: to who is refused, to whose job fails, and the catalog's names."""
    yield from (region.name for provider in CATALOG.providers.values() for region in provider.regions.values())
    yield from (source for source in CATALOG.sources.values() if not source.startswith("https://"))
    for provider in CATALOG.providers.values():
        yield from (region.terms for region in provider.regions.values() if region.terms)
        yield from (model.offer.seen for model in provider.models if model.offer)
    for path in MODULES:
        if "sandbox" not in path.parts and path.name not in UNHEARD:
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and (at := SPEAKERS.get(node.func.id))
                ):
                    yield from told(node.args[at - 1 : at], f"{path.name}:{node.lineno}")


def told(parts: list[ast.expr], where: str) -> Iterator[str]:
    for part in parts:
        assert not isinstance(part, ast.JoinedStr), f"{where} has values in it: only as a Told can it be translated"
        if isinstance(part, ast.Constant):
            yield part.value
        elif isinstance(part, (ast.BoolOp, ast.IfExp)):
            yield from told(part.values if isinstance(part, ast.BoolOp) else [part.body, part.orelse], where)


@pytest.mark.long
@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_a_language_has_all_that_is_said_in_english_and_nothing_else(language: str) -> None:
    said = set(sentences())
    assert len(said) > 100
    spoken = {node.value for path in MODULES for node in ast.walk(ast.parse(path.read_text())) if is_text(node)}
    assert said <= SAID[language].keys()
    assert SAID[language].keys() <= said | spoken | set(State)
    for english, text in SAID[language].items():
        assert text.strip(), english
        assert placeholders(text) == placeholders(english), english


def test_what_earlier_versions_said_and_stored_is_still_told_in_the_language() -> None:
    for language, before in SAID_BEFORE.items():
        assert not before.keys() & SAID[language].keys()
        for english, text in before.items():
            assert placeholders(text) == placeholders(english), english
    stored = {"text": "It says “odd”.", "template": "It says “{word}”.", "values": {"word": "odd"}}
    assert Translation("zh").said(Message.from_json(stored)) == "服务商称其为“odd”。"


def test_what_is_said_is_told_in_the_language_wherever_it_comes_from() -> None:
    chinese, inner = Translation("zh"), Message("The image cannot be read: {reason}.", reason="broken {data}")
    outer = Message("The video could not be fixed: {reason}", reason=inner)
    assert outer == "The video could not be fixed: The image cannot be read: broken {data}."
    assert chinese.said(outer) == "无法修复视频：无法读取图片：broken {data}。"
    assert chinese.said("The file is empty.") == "文件为空。"
    assert chinese.said("Arrearage: your account is overdue") == "Arrearage: your account is overdue"
    assert Translation("en").said(outer) is outer
    stored = json.loads(json.dumps(FixFailed(outer).fault("check").to_json()))
    assert chinese.said(Fault.from_json(stored).message) == chinese.said(outer)
    assert Fault.from_json({"kind": "fix_failed", "stage": "check", "message": "as before"}).message == "as before"


def test_a_template_that_comes_from_a_file_is_never_filled_in() -> None:
    crafted = Message.from_json({"text": "Fine.", "template": "{a.to_json.__globals__}", "values": {"a": "b"}})
    assert crafted == Translation("en").said(crafted) == Translation("zh").said(crafted) == "Fine."


@pytest.mark.parametrize("header", [None, "", "xx", "tlh-XX,qq;q=0.5", ";;;", "en-GB,en;q=0.9"])
def test_who_speaks_none_of_our_languages_is_spoken_to_in_english(header: str | None) -> None:
    assert words_for(header) == Translation("en")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh;q=0.5, en;q=0.9", "en"),
        ("fr, zh-CN;q=0.8, en;q=0.7", "zh"),
        ("en;q=0, zh;q=0.1", "zh"),
        ("en; q=0.2, ZH-hans ; Q=0.3", "zh"),
        ("zh;q=nan, en;q=0.1", "en"),
        ("zh;q=9, en;q=0.1", "en"),
        ("en, " * 100_000 + "zh", "en"),
    ],
)
def test_the_language_wanted_most_is_spoken(header: str, language: str) -> None:
    assert words_for(header) == Translation(language)


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        Translation()("no.such.key")


# The style of words that docs/words.md describes, as far as a machine can read it.

READ = re.compile(r"starter\..+\.prompt|csv\..+")
"""Keys of texts that others than people read: prompts by the provider, names of columns by scripts."""
INSTEAD = {
    "en": {
        r"jobs?|clips?": "video",
        r"mend(ed|ing|s)?": "fix",
        r"clouds?": "provider",
        r"sandbox(es)?(?!”)": "test mode",
        r"pictures?": "image",
        r"kinds?": "mode, type",
        r"evidence": "record",
        r"begun|dearest|anew|at present|under way|by itself": "started, most expensive, again, now, in progress",
        r"log ?in|login": "sign in",
        r"can't|can’t": "cannot",
        r"(?<!“)please": "nothing",
    },
    "zh": {
        "你": "您",
        "沙箱|测试模式": "试用模式",
        "指代": "引用",
        "云端|云服务": "服务商",
        "本站|站点": "Studio",
        "所有者|站长": "管理员",
        "作业|短片": "视频",
        "帐号|帐户|账户": "账号",
        "其它": "其他",
        "图像": "图片",
        "登陆": "登录",
    },
}
"""What is not written, and what is instead."""
BRITISH = re.compile(
    r"\b\w*(?:(?:col|fav|harb|hon|lab|neighb|behavi)our|cancell(?!ation)|labell|travell|modell|cent(?:re|red)\b|grey|catalogue"
    r"|licen[c]e|defence|artefact|towards|whilst|(?:organ|recogn|normal|optim|minim|author|util|prior|initial)is[ei])\w*",
    re.IGNORECASE,
)
NAMES = {
    *("Alibaba", "Atmos", "Billing", "Chinese", "Cloud", "Ctrl", "Delete", "Dolby", "Enter", "Esc", "Happy", "Horse"),
    *(
        "HappyHorse",
        "Idempotency",
        "Image",
        "Key",
        "Mars",
        "Model",
        "Origin",
        "Plan",
        "Shift",
        "Space",
        "Studio",
        "Token",
        "Vision",
    ),
}
"""Words that have a capital letter wherever they stand."""
BLANK = re.compile(r"\{[^}]*\}")
HAN = "[\u4e00-\u9fff]"


def texts(language: str) -> Iterator[tuple[str, str]]:
    """All that the studio says in a language, with the key or the English sentence by which it is found."""
    yield from ((key, text) for key, text in TEXTS[language].items() if not READ.fullmatch(key))
    yield from ((said, said) for said in SAID["zh"]) if language == "en" else SAID[language].items()


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_word_stands_for_one_thing(language: str) -> None:
    for found, better in INSTEAD[language].items():
        wrong = re.compile(rf"\b(?:{found})\b" if language == "en" else found)
        assert [key for key, text in texts(language) if wrong.search(BLANK.sub("", text))] == [], better


def test_spelling_is_american_on_the_page_and_in_the_documentation() -> None:
    assert [key for key, text in texts("en") if BRITISH.search(text)] == []
    for page in (*pages(), ROOT / "CHANGELOG.md", ROOT / "SECURITY.md"):
        prose = re.sub(r"```.*?```|`[^`]*`", "", page.read_text("utf-8"), flags=re.DOTALL)
        assert [word[0] for word in BRITISH.finditer(prose)] == [], page


@pytest.mark.parametrize("language", LANGUAGES)
def test_quotes_and_ellipses_are_those_of_print(language: str) -> None:
    for key, text in texts(language):
        assert not re.search(r"['\"]|\.\.\.| …$|\d %|\} %", text), key
    assert [key for key, text in texts("zh") if re.search("[^…]…$", text)] == []


def test_chinese_has_its_own_punctuation_and_a_space_beside_latin() -> None:
    for key, text in texts("zh"):
        assert not re.search(rf"{HAN}[,;:!?()]|[,;:!?()]{HAN}|{HAN}\.(?![\w])", text), key
        assert not re.search(rf"{HAN}[A-Za-z0-9]|[A-Za-z0-9]{HAN}|[，。：；、（）“”] | [，。：；、（）“”]", text), key


def test_only_the_first_word_and_names_have_a_capital_letter() -> None:
    for key, text in texts("en"):
        if key in CATALOG.sources.values() or key.startswith("language."):
            continue
        inner = re.findall(r"(?<![.:?!·“()}] )(?<![.\w“(/-])(?<!^)\b[A-Z][a-z]+\b", text)
        assert set(inner) <= NAMES, (key, set(inner) - NAMES)


def test_a_button_has_no_period() -> None:
    scripts = "".join(path.read_text("utf-8") for path in SCRIPTS)
    keys = set(re.findall(rf"\bbutton\(\s*words\({LITERAL}", scripts))
    assert len(keys) > 20
    assert [key for language in LANGUAGES for key in keys if TEXTS[language][key].endswith((".", "。"))] == []


def test_what_is_counted_has_a_form_for_one() -> None:
    several = {"variants.name", "api.many", "history.count.more", "prompt.many"}
    """Of these there are always several."""
    counted = {key for key, text in TEXTS["en"].items() if re.search(r"\{count\} [a-z]+s\b", text)}
    assert {key for key in counted if not key.endswith((".one", ".other"))} <= several
