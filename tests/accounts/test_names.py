"""Names of accounts are kept with every job: those that there are stay as they are."""

from __future__ import annotations

from studio.accounts.account import SANDBOXES
from studio.catalog.models import CATALOG


def test_an_account_is_called_what_it_was() -> None:
    called = {
        provider.id: [provider.account(region) for region in provider.regions]
        for provider in CATALOG.providers.values()
    }
    regions = ("beijing", "singapore", "virginia", "frankfurt", "tokyo", "token-plan")
    assert called["dashscope"][: len(regions)] == [f"dashscope:{region}" for region in regions]
    assert called["aivideoapi"] == ["aivideoapi"]
    assert (SANDBOXES["dashscope"], SANDBOXES["aivideoapi"]) == ("sandbox", "sandbox:aivideoapi")
