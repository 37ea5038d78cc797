"""Answers of the edge itself, in the visitor's language."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Scope

from studio.web.edge.cookies import language_of
from studio.web.text import Translation, words_for

LONGEST_SHOWN = 100
"""Characters of a header that are shown to who sent it."""


class Refused(Exception):
    """Status and key of the sentence, with what is told in it; no key where even that says too much."""

    def __init__(self, status: int, key: str, **values: Any) -> None:
        super().__init__(key)
        self.status, self.key, self.values = status, key, values


def words_at(scope: Scope) -> Translation:
    """The texts in the language of who asks."""
    return replace(words_for(language_of(Headers(scope=scope))), root=scope.get("state", {}).get("root", ""))


def refusal(scope: Scope, status: int, key: str, **values: Any) -> Response:
    """The sentence of ``key``: as text where a person loads a page, else as the JSON of every refusal."""
    shown = {name: str(value)[:LONGEST_SHOWN] for name, value in values.items()}
    sentence = words_at(scope)(key, **shown)
    if scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", ""):
        return PlainTextResponse(sentence, status)
    return JSONResponse({"error": sentence, "kind": key}, status)
