"""One store for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.outputs.store import Store


@pytest.fixture(scope="session")
def s3_store() -> Iterator[Store]:
    with Store() as store:
        yield store
