"""Sentences of the studio that the page can tell in the visitor's language, though they were made far below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self


class Message(str):
    """A sentence that can be told in other languages: the translation of its ``template`` takes the same ``values``."""

    template: str
    """The sentence in English, with blanks as in ``str.format``."""
    values: Mapping[str, Any]

    def __new__(cls, template: str, /, **values: Any) -> Self:
        message = super().__new__(cls, template.format(**values))
        message.template, message.values = template, values
        return message

    def __deepcopy__(self, _: Any) -> Self:
        return self

    @staticmethod
    def to_json(text: str) -> Any:
        """Any text as JSON, from which ``from_json`` makes the same again; the values must be JSON too."""
        if not isinstance(text, Message):
            return text
        values = {name: Message.to_json(one) if isinstance(one, str) else one for name, one in text.values.items()}
        return {"text": str(text), "template": text.template, "values": values}

    @staticmethod
    def from_json(data: Any) -> Any:
        """The text is taken as it is: a template from a file must not be filled in, since it may ask for anything."""
        if not isinstance(data, dict) or not {"text", "template", "values"} <= data.keys():
            return data
        message = str.__new__(Message, data["text"])
        message.template = data["template"]
        message.values = {name: Message.from_json(one) for name, one in data["values"].items()}
        return message
