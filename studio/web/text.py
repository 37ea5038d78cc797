"""All words of the page, in a file for each language: ``words/en.toml``, ``words/zh.toml``. A file makes a language.

``Translation`` gives the texts of one language. The page's scripts get theirs from here too, so that nothing a person
reads stands in a handler or a script. What the layers below say, in errors and in the catalog, is English there; its
translations stand in the table ``said``, by the English words, and in ``said_before`` those of what earlier versions
said, which is stored with their jobs.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.message import Message
from studio.web.negotiation import weights

_FOLDER = Path(__file__).with_name("words")
LANGUAGES = ("en", *sorted({file.stem for file in _FOLDER.glob("*.toml")} - {"en"}))


def _read(language: str) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    texts = tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8"))
    return texts, texts.pop("said", {}), texts.pop("said_before", {})


_READ = {language: _read(language) for language in LANGUAGES}
TEXTS: Mapping[str, Mapping[str, str]] = {language: texts for language, (texts, *_) in _READ.items()}
"""By language and key. Every language has every key."""
LOCALES = {language: texts["language.locale"] for language, texts in TEXTS.items()}
"""The languages as browsers name them."""
SAID: Mapping[str, Mapping[str, str]] = {language: said for language, (_, said, _) in _READ.items()}
"""By language and what is said in English, blanks left open."""
SAID_BEFORE: Mapping[str, Mapping[str, str]] = {language: before for language, (*_, before) in _READ.items()}
"""The same of what is said in other words today."""
_EVER_SAID = {language: {**SAID_BEFORE[language], **SAID[language]} for language in LANGUAGES}


@dataclass(frozen=True)
class Translation:
    """The texts of one language, for a page that stands below ``root``."""

    language: str = "en"
    root: str = ""
    """What a proxy puts before the studio's addresses, such as ``/studio``; views write addresses with it."""

    def __call__(self, key: str, /, **values: Any) -> str:
        """The text of ``key`` with ``values`` filled in; KeyError when there is no such key."""
        text = TEXTS[self.language][key]
        return text.format(**values) if values else text

    def count(self, key: str, count: int, /, **values: Any) -> str:
        """The text of ``key`` for so many: that of ``key.one`` for one, where the language has it."""
        one = f"{key}.one"
        return self(one if count == 1 and self.has(one) else f"{key}.other", count=count, **values)

    def value(self, parameter: str, value: Any) -> str:
        """What a parameter is set to: "Auto sound", "5 s", "Yes"."""
        if isinstance(value, bool):
            return self("yes" if value else "no")
        if parameter == "duration" and isinstance(value, (int, float)):
            return self("seconds", seconds=value)
        option = f"option.{parameter}.{value}"
        return self(option) if self.has(option) else str(value)

    def said(self, english: str) -> str:
        """What the studio itself says in English; anything else, such as a provider's own words, stays as it is."""
        said = _EVER_SAID[self.language]
        if not isinstance(english, Message):
            return said.get(english, english)
        text = said.get(english.template)
        values = {name: self.said(one) if isinstance(one, str) else one for name, one in english.values.items()}
        return text.format(**values) if text else english

    def join(self, *sentences: str) -> str:
        """Those that are not empty, one behind the other: Chinese leaves no space between them."""
        return self("language.joint").join(filter(None, sentences))

    def has(self, key: str) -> bool:
        return key in TEXTS[self.language]


def words_for(accept_language: str | None) -> Translation:
    """The best language we have for an ``Accept-Language`` header."""
    wanted = weights(accept_language or "")
    for name in sorted(filter(wanted.__getitem__, wanted), key=lambda name: -wanted[name]):
        for language in LANGUAGES:
            if name == language or name.startswith(f"{language}-"):
                return Translation(language)
    return Translation()
