"""Wires to a server, and all that their errors tell."""

from __future__ import annotations

import traceback

from pydantic import SecretStr

from studio.providers.budget import Budget
from studio.providers.dashscope import read_error
from studio.providers.http import Wire
from studio.system.pace import PACE, Pace


def wire_to(url: str, key: str = "sk-0123456789abcdef", pace: Pace = PACE) -> Wire:
    return Wire(url, SecretStr(key), read_error, budget=Budget(100), pace=pace)


def told_by(error: BaseException) -> str:
    """All that printing an error or anything in its chain can show."""
    shown = "".join(traceback.format_exception(error))
    chain: BaseException | None = error
    while chain is not None:
        shown += f"{chain!r} {chain} {chain.args}"
        chain = chain.__cause__ or chain.__context__
    return shown
