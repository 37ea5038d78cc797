"""What a form says before it is sent: its price, what will come out, what is odd, what is missing."""

from __future__ import annotations

from collections.abc import Mapping

from studio.accounts.account import Account
from studio.catalog.models import CATALOG, Model
from studio.errors import NoSuchFile
from studio.media.facts import VideoFacts
from studio.media.preflight import Output, fetched_there, output
from studio.media.vault import Vault, VaultFile
from studio.web.faults import sentence
from studio.web.form.estimate import Line
from studio.web.form.values import Values
from studio.web.text import Translation

Lines = list[Line]
Files = Mapping[str, list[VaultFile]]
"""The files of a form by its inputs, as the vault has them: what the page says of them counts for nothing."""


def files_of(values: Values, visitor: str, vault: Vault, words: Translation) -> tuple[Files, Lines]:
    """The form's files, and a line for each that the visitor has not."""
    found: dict[str, list[VaultFile]] = {}
    lines: Lines = []
    for field, files in values.files.items():
        found[field] = []
        for one in files:
            try:
                found[field].append(vault.file(visitor, one.sha256))
            except NoSuchFile as error:
                lines.append(Line("error", f"{one.name}: {sentence(error, words)}", field))
    return found, lines


def missing_lines(files: Files, model: Model, account: Account, words: Translation) -> Lines:
    """What keeps the form from being sent and the page cannot know: what is empty or refused it sees itself."""
    provider = CATALOG.providers[model.provider].name
    return [
        Line("missing", words("missing.way", provider=provider), field)
        for field in model.inputs
        if not account.takes_files and any(file.url is None for file in files[field])
    ]


def output_of(values: Values, files: Files, model: Model, account: Account) -> Output:
    """What comes of the form's files."""
    resolution = str(values.settings["resolution"])
    return output(files, model, resolution, takes_files=account.takes_files)


def fact_lines(made: Output, model: Model, account: Account, words: Translation) -> Lines:
    """What will come out: the size where it follows a file, the lengths where they are billed."""
    lines: Lines = []
    if made.size is not None:
        width, height = made.size
        lines.append(Line("facts", words("size.follows", width=width, height=height)))
    seconds, length, source = made.billed_input, made.seconds, made.source
    if seconds is None or length is None or source is None:
        return lines
    if isinstance(source.facts, VideoFacts) and fetched_there(source, account.takes_files):
        provider = CATALOG.providers[model.provider].name
        lengths = {"seconds": f"{source.facts.seconds:.1f}", "input": f"{seconds:f}", "output": f"{length:f}"}
        return [*lines, Line("warning", words("edit.address", provider=provider, **lengths))]
    lengths = {"input": f"{seconds:.1f}", "output": f"{length:.1f}", "billed": f"{seconds + length:.1f}"}
    return [*lines, Line("facts", words("edit.billed", **lengths))]
