"""Presets: settings of a mode's form that a visitor kept under a name, with the prompt or without. Never files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from studio.catalog.models import CATALOG, Options, Parameter, Range, Switch
from studio.catalog.prompts import cleaned
from studio.catalog.requests import REQUESTS
from studio.database.engine import translated
from studio.database.rows import PresetRow
from studio.database.schema import PRESETS
from studio.errors import InvalidRequest, NameTaken, NoSuchPreset, Problem
from studio.jobs.model import new_id
from studio.message import Message
from studio.system.clock import CLOCK, Clock

MOST = 100
"""Presets of one visitor."""
LONGEST_NAME = 60
MOST_BYTES = 32 * 1024
"""Of a preset's settings as JSON: several times the longest prompt that a provider takes."""

_TYPES: Mapping[type[Parameter], type] = {Options: str, Range: int, Switch: bool}
_SETTINGS: Mapping[str, type] = dict.fromkeys(("prompt", "provider", "model"), str) | {
    name: _TYPES[type(rule)]
    for provider in CATALOG.providers.values()
    for model in provider.models
    for name, rule in model.parameters.items()
}
"""What is kept, by the names of the request's fields. The form passes over what its mode or model does not have."""


@dataclass(frozen=True)
class Preset:
    """Settings under a name, which the visitor has once for each mode."""

    id: str
    mode: str
    name: str
    settings: dict[str, Any]
    """Values by the names of the request's fields; None means the provider's default."""


class Presets:
    """The visitors' presets. Methods block and may be called from any thread; each sees only what belongs to
    ``owner``."""

    def __init__(self, database: Engine, clock: Clock = CLOCK, *, most: int = MOST) -> None:
        self._database = database
        self._clock = clock
        self._most = most

    def of(self, owner: str, mode: str) -> list[Preset]:
        """The presets of a mode by name."""
        columns = (PRESETS.c.id, PRESETS.c.mode, PRESETS.c.name, PRESETS.c.settings)
        query = select(*columns).where(PRESETS.c.owner == owner, PRESETS.c.mode == mode)
        with translated(), self._database.connect() as connection:
            found = [Preset(*row) for row in connection.execute(query)]
        return sorted(found, key=lambda preset: (preset.name.casefold(), preset.name))

    def save(self, owner: str, mode: str, name: str, settings: Mapping[str, Any], *, replace: bool = False) -> Preset:
        """Keep ``settings`` under ``name``.

        Raises NameTaken when there is one of that name and it is not to be replaced, InvalidRequest for what is too
        long, too large or too much.
        """
        now = self._clock.wall()
        preset = Preset(new_id(now), _mode(mode), _name(name), _values(settings))
        same_name = (PRESETS.c.owner == owner) & (PRESETS.c.mode == mode) & (PRESETS.c.name == preset.name)
        with translated(), self._database.begin() as connection:
            if replace:
                connection.execute(delete(PRESETS).where(same_name))
            _insert(connection, owner, preset, now)
            count = select(func.count()).select_from(PRESETS).where(PRESETS.c.owner == owner)
            if connection.execute(count).scalar_one() > self._most:
                rule = Message("at most {most}: delete one first", most=self._most)
                raise InvalidRequest(Problem("presets", self._most + 1, rule))
        return preset

    def rename(self, owner: str, preset_id: str, name: str) -> None:
        """Give a preset another name; raises NameTaken, NoSuchPreset, or InvalidRequest for no name."""
        mine = (PRESETS.c.owner == owner) & (PRESETS.c.id == preset_id)
        with translated(), self._database.begin() as connection:
            try:
                renamed = connection.execute(update(PRESETS).where(mine).values(name=_name(name))).rowcount
            except IntegrityError as error:
                raise NameTaken from error
        if not renamed:
            raise NoSuchPreset

    def delete(self, owner: str, preset_id: str) -> None:
        """Throw a preset away; raises NoSuchPreset."""
        mine = (PRESETS.c.owner == owner) & (PRESETS.c.id == preset_id)
        with translated(), self._database.begin() as connection:
            if not connection.execute(delete(PRESETS).where(mine)).rowcount:
                raise NoSuchPreset


def _insert(connection: Connection, owner: str, preset: Preset, now: float) -> None:
    row = PresetRow(
        id=preset.id,
        owner=owner,
        mode=preset.mode,
        name=preset.name,
        settings=preset.settings,
        saved_at=now,
    )
    try:
        connection.execute(insert(PRESETS).values(**row))
    except IntegrityError as error:
        raise NameTaken from error


def _mode(mode: str) -> str:
    if mode not in REQUESTS:
        raise InvalidRequest(Problem("mode", mode, Message("one of {names}", names=", ".join(REQUESTS))))
    return mode


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise InvalidRequest(Problem("name", name, Message("1 to {most} characters", most=LONGEST_NAME)))
    return name


def _values(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Of ``settings`` what a preset keeps."""
    values = {
        name: cleaned(settings[name]) if kind is str and settings[name] is not None else settings[name]
        for name, kind in _SETTINGS.items()
        if name in settings and (settings[name] is None or type(settings[name]) is kind)
    }
    size = len(json.dumps(values))
    if size > MOST_BYTES:
        rule = Message("at most {most} KB", most=MOST_BYTES // 1024)
        raise InvalidRequest(Problem("prompt", f"{size // 1024} KB", rule))
    return values
