"""What the studio does without its page::

    python -m studio export history.zip --visitor …
    python -m studio import history.zip [--visitor …]

A visitor is named by the id, or by the token that scripts send as ``X-Studio-Visitor`` and browsers keep as cookie.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from studio.config import Settings
from studio.errors import ConfigError, StudioError
from studio.jobs.rows.store import Store
from studio.library.history import visitors
from studio.library.transfer import export, take_in
from studio.media.vault import Vault
from studio.outputs.locations import Locations, open_locations
from studio.system import ffmpeg as tools
from studio.system.disk import Reserve


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m studio", description="Takes a visitor's history out and in.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, about in (("export", "write a visitor's history, files included, to a ZIP"), ("import", "take one in")):
        command = commands.add_parser(name, help=about)
        command.add_argument("file", type=Path, metavar="FILE.zip")
        command.add_argument("--visitor", help="id or token; an import is by default for the visitor it came from")
    args = parser.parse_args(_bound(sys.argv[1:] if arguments is None else arguments))
    os.umask(0o077)  # as the studio's own
    visitor = args.visitor.partition(".")[0] if args.visitor else None
    try:
        settings = Settings.load()
        tools.ensure()
        with _opened(settings) as (database, vault):
            reserve = Reserve(settings.disk_reserve)
            outputs = open_locations(settings, reserve)
            if args.command == "export":
                return _export(database, vault, outputs, visitor, args.file)
            return _import(database, vault, outputs, reserve, visitor, args.file)
    except (StudioError, OSError) as error:
        print(error, file=sys.stderr)
        return 2


def _bound(arguments: list[str]) -> list[str]:
    """The arguments with the id bound to ``--visitor``: one id in 64 begins with a hyphen, as an option's name does."""
    for at, name in enumerate(arguments[:-1]):
        if name == "--visitor":
            return [*arguments[:at], f"{name}={arguments[at + 1]}", *arguments[at + 2 :]]
    return arguments


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[Engine, Vault]]:
    """The database and the files, without anything that works on jobs."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    store = Store(settings.database())
    vault = Vault(settings.data_dir / "media", store.engine, reserve=Reserve(settings.disk_reserve))
    try:
        yield store.engine, vault
    finally:
        vault.close()
        store.close()


def _export(database: Engine, vault: Vault, outputs: Locations, visitor: str | None, target: Path) -> int:
    if target.exists():
        raise ConfigError(f"{target} is there already: name a new file.")
    if not target.parent.is_dir():
        raise ConfigError(f"{target} cannot be written: there is no folder {target.parent}. Name one that is there.")
    known = visitors(database)
    if visitor not in [one.id for one in known]:
        found = "".join(
            f"\n  {one.id}  {one.jobs} jobs, the last {datetime.fromtimestamp(one.last_at, UTC):%Y-%m-%d}"
            for one in known
        )
        unknown = f"Visitor {visitor} has made nothing here. " if visitor else ""
        raise ConfigError(
            f"{unknown}Name one of these by --visitor:{found}" if found else "Nobody has made anything here yet."
        )
    jobs = export(database, vault, outputs, visitor, target)
    print(f"{target}: {jobs} jobs, {target.stat().st_size / 2**20:.1f} MB")
    return 0


def _import(
    database: Engine, vault: Vault, outputs: Locations, reserve: Reserve, visitor: str | None, source: Path
) -> int:
    report = take_in(database, vault, outputs, source, visitor, reserve)
    came = f"{report.jobs} jobs, {report.files} files and {report.presets} presets came in"
    print(f"{came}; {report.present} jobs were here.")
    for line in report.damaged:
        print(f"Left out: {line}", file=sys.stderr)
    return 1 if report.damaged else 0


if __name__ == "__main__":
    sys.exit(main())
