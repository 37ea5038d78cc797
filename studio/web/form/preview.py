"""What a form says before it is sent: its price, what will come out, what is odd, what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from studio.accounts.account import Account
from studio.catalog.models import CATALOG, Model
from studio.catalog.prompts import is_blank
from studio.catalog.references import lint
from studio.catalog.sizes import output_size
from studio.errors import NoSuchFile
from studio.jobs.submit.admission import billable_seconds, fetched_there
from studio.media.checks import Verdict, verdict
from studio.media.facts import VideoFacts
from studio.media.vault import Held, Vault
from studio.web.board.views import sentence
from studio.web.form.estimate import disputes
from studio.web.form.files import check
from studio.web.form.values import Values
from studio.web.text import Words

Lines = list[tuple[str, str]]
Files = Mapping[str, list[Held]]
"""The files of a form by its inputs, as the vault has them: what the page says of them counts for nothing."""


def files_of(values: Values, visitor: str, vault: Vault, words: Words) -> tuple[Files, Lines]:
    """The form's files, and a line for each that the visitor has not."""
    found: dict[str, list[Held]] = {}
    lines: Lines = []
    for field, given in values.files.items():
        found[field] = []
        for one in given:
            try:
                found[field].append(vault.held(visitor, one.sha256))
            except NoSuchFile as error:
                lines.append(("error", f"{one.name}: {sentence(error, words)}"))
    return found, lines


def missing_lines(values: Values, files: Files, model: Model, account: Account, words: Words) -> Lines:
    """What keeps the form from being sent."""
    lines: Lines = []
    for field, rule in model.inputs.items():
        if len(values.files[field]) < rule.count[0]:
            lines.append(("missing", words(f"missing.{field}")))
        limits = CATALOG.media_limits(model, field)
        refused = [held for held in files[field] if verdict(check(held, limits)) is Verdict.REFUSED]
        lines += [("missing", words("missing.fix", name=held.name)) for held in refused]
        if not account.takes_files and any(held.url is None for held in files[field]):
            lines.append(("missing", words("missing.way", provider=CATALOG.providers[model.provider].name)))
    if model.prompt_required and is_blank(values.prompt):
        lines.append(("missing", words("missing.prompt")))
    return lines


def seconds_to_pay(files: Files, model: Model, account: Account) -> Decimal | None:
    """The length of an edit's video for the price; None where there is no such video."""
    billed = [held for name, rule in model.inputs.items() if rule.billed for held in files[name]]
    return next((billable_seconds(held, model, account) for held in billed), None)


def fact_lines(values: Values, files: Files, model: Model, account: Account, words: Words) -> Lines:
    """What will come out: the size where it follows a file, the lengths where they are billed."""
    source = next((held for name, rule in model.inputs.items() if rule.leads for held in files[name]), None)
    if source is None:
        return []
    facts = source.facts
    width, height = output_size(str(values.settings["resolution"]), Fraction(facts.width, facts.height))
    lines = [("facts", words("size.follows", width=width, height=height))]
    if not isinstance(facts, VideoFacts):
        return lines
    seconds = billable_seconds(source, model, account)
    output = min(seconds, CATALOG.edit.max_output_seconds)
    if fetched_there(source, account):
        provider = CATALOG.providers[model.provider].name
        lengths = {"seconds": f"{facts.seconds:.1f}", "input": f"{seconds:f}", "output": f"{output:f}"}
        return [*lines, ("warning", words("edit.address", provider=provider, **lengths))]
    lengths = {"input": f"{seconds:.1f}", "output": f"{output:.1f}", "billed": f"{seconds + output:.1f}"}
    return [*lines, ("facts", words("edit.billed", **lengths))]


def advice_lines(values: Values, model: Model, words: Words) -> Lines:
    """What is odd about the prompt's reference tokens and about values that only one source lists."""
    lines: Lines = []
    for name, rule in model.inputs.items():
        if rule.token is not None and not is_blank(values.prompt):
            lines += [
                ("warning", words(f"tokens.{one.kind}", numbers=", ".join(map(str, one.numbers))))
                for one in lint(values.prompt, len(values.files[name]))
                if rule.count[0] or one.kind == "out_of_range"
            ]
    return lines + disputes(values.settings, model, words)
