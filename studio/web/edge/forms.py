"""A form of files on its way to Gradio, looked along at before Gradio's own reader gets it.

That one takes much for granted: of a part that is no file it keeps all in memory, one of another name or without an end
it leaves on the disk for good, and what it does not expect is an error of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gradio_client.utils import strip_invalid_filename_characters  # type: ignore[import-untyped]
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from studio.errors import BodyMalformed, BodyTooLarge
from studio.message import Message

NAME = b"files"
"""Of every part: Gradio looks at no other."""
MOST_PARTS = 20
"""Of a form that streams: each is a file that Gradio opens, and nobody else is served meanwhile."""


class UploadForm:
    """One form, given piece by piece. Raises BodyMalformed, and BodyTooLarge for more parts than are taken in."""

    def __init__(self, boundary: bytes, charset: bytes) -> None:
        if charset.lower() != b"utf-8":
            raise _malformed()
        self._parts = 0
        self._field = self._value = self._disposition = b""
        self._ended = False
        callbacks: Any = {
            "on_part_begin": self._on_part,
            "on_header_field": self._on_field,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header,
            "on_headers_finished": self._on_headers,
            "on_end": self._on_end,
        }
        try:
            self._parser = MultipartParser(boundary, callbacks)
        except FormParserError:
            raise _malformed() from None

    def look(self, piece: bytes, *, last: bool) -> None:
        """``piece`` comes next; ``last`` says that nothing follows."""
        try:
            if not self._ended:  # what follows the end is no part of it
                self._parser.write(piece)
        except FormParserError:
            raise _malformed() from None
        if last and not self._ended:
            raise _malformed()

    def _on_part(self) -> None:
        self._parts += 1
        self._disposition = b""
        if self._parts > MOST_PARTS:
            raise BodyTooLarge(Message("It has more than {most} parts. Send fewer files at once.", most=MOST_PARTS))

    def _on_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header(self) -> None:
        if self._field.lower() == b"content-disposition":
            self._disposition = self._value
        self._field = self._value = b""

    def _on_headers(self) -> None:
        _, options = parse_options_header(self._disposition)
        if options.get(b"name") != NAME or b"filename" not in options or _leads_out(options[b"filename"]):
            raise _malformed()

    def _on_end(self) -> None:
        self._ended = True


def _leads_out(filename: bytes) -> bool:
    """Whether Gradio would make of this the folder above, which it refuses without putting away what it wrote."""
    try:
        name = filename.decode()
    except UnicodeDecodeError:
        name = filename.decode("latin-1")
    return bool(strip_invalid_filename_characters(Path(name).name) == "..")


def _malformed() -> BodyMalformed:
    return BodyMalformed("This is not a complete file form: each part must have the name “files” and a file name.")
