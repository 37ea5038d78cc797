"""Finding words in the prompts: substrings in any case and script, by an index of every three letters in a row.

Three letters in a row are a token, the last two of a prompt make shorter ones. A word of three letters or more is
looked up by all its tokens, a shorter one (most Chinese words have two) as the beginning of a token. Tokens are written
in hexadecimal, so that the databases need no idea of scripts: SQLite keeps them in FTS5, PostgreSQL in a ``tsvector``.

The index tells where a word can be; that it is there, the folded prompt tells.
"""

from __future__ import annotations

import unicodedata
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, cast, column, delete, insert, literal_column, select, table, text
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from studio.database.schema import PROMPTS

LETTER = 4
"""Hexadecimal digits of a UTF-16 unit."""
LONGEST = 3 * LETTER

_INDEX = table("prompt_index", column("rowid"), column("tokens"))


def fold(prompt: str) -> str:
    """The prompt as it is searched: without case, and full-width letters as ordinary ones."""
    return unicodedata.normalize("NFKC", prompt).casefold()


def add_prompt(connection: Connection, owner: str, job_id: str, prompt: str) -> None:
    """Make a job's prompt findable."""
    folded = fold(prompt)
    statement = insert(PROMPTS).values(job_id=job_id, folded=folded).returning(PROMPTS.c.number)
    number = connection.execute(statement).scalar_one()
    tokens: Any = _tokens(owner, folded)
    if connection.dialect.name == "postgresql":
        tokens = cast(tokens, TSVECTOR)
    connection.execute(insert(_INDEX).values(rowid=number, tokens=tokens))


def remove_prompt(connection: Connection, owner: str, job_id: str) -> None:
    """Forget a job's prompt."""
    gone = delete(PROMPTS).where(PROMPTS.c.job_id == job_id).returning(PROMPTS.c.number, PROMPTS.c.folded)
    row = connection.execute(gone).one_or_none()
    if row is None:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(delete(_INDEX).where(_INDEX.c.rowid == row.number))
    else:  # FTS5 keeps no text of its own: it must be told which tokens to take out
        statement = text("INSERT INTO prompt_index (prompt_index, rowid, tokens) VALUES ('delete', :number, :tokens)")
        connection.execute(statement, {"number": row.number, "tokens": _tokens(owner, row.folded)})


def find(connection: Connection, owner: str, words: list[str], limit: int) -> list[str]:
    """Ids of up to ``limit`` jobs of ``owner`` whose prompt can contain all of the folded ``words``, in any order."""
    terms = [_owner(owner)]
    for word in words:
        units = _units(word)
        if len(units) < LONGEST:
            terms.append(units + ("*" if connection.dialect.name == "sqlite" else ":*"))
        else:
            terms += [units[at : at + LONGEST] for at in range(0, len(units) - LONGEST + LETTER, LETTER)]
    if connection.dialect.name == "sqlite":
        found = literal_column("prompt_index").op("MATCH")(" AND ".join(terms))
    else:
        found = _INDEX.c.tokens.op("@@")(cast(" & ".join(terms), TSQUERY))
    rows = select(_INDEX.c.rowid).where(found).limit(limit).subquery()
    query = select(PROMPTS.c.job_id).join(rows, rows.c.rowid == PROMPTS.c.number)
    return list(connection.execute(query).scalars())


def _units(folded: str) -> str:
    return folded.encode("utf-16-be", "surrogatepass").hex()


def _tokens(owner: str, folded: str) -> str:
    units = _units(folded)
    return " ".join([_owner(owner), *sorted({units[at : at + LONGEST] for at in range(0, len(units), LETTER)})])


def _owner(owner: str) -> str:
    """A token that every prompt of the visitor has, and that no three letters make."""
    return "v" + sha256(owner.encode()).hexdigest()[:16]
