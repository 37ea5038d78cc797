"""What the library's page is told once."""

from __future__ import annotations

from typing import Any

from studio.catalog.models import CATALOG, MODES
from studio.database.states import STATES
from studio.library.history import SORTS
from studio.service import Studio
from studio.web.history.columns import columns


def history_props(studio: Studio) -> dict[str, Any]:
    """What can be filtered and sorted by, the columns, and how long a deletion can be undone, in seconds."""
    return {
        "models": [
            {"provider": provider.id, "id": model.id, "version": model.version, "mode": model.mode}
            for provider in CATALOG.providers.values()
            for model in provider.models
        ],
        "providers": {provider.id: provider.name for provider in CATALOG.providers.values()},
        "modes": list(MODES),
        "states": [state for state, traits in STATES.items() if traits.ended],
        "columns": columns(),
        "sorts": list(SORTS),
        "undo_seconds": studio.library.undo_seconds,
    }
