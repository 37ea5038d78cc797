"""A studio with all that can be looked at, for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.servers import SandboxServer
from tests.studio_process import StudioProcess
from tests.web.conftest import POLL_SECONDS
from tests.web.scenes import make_all


@dataclass(frozen=True)
class Exhibition:
    """A studio, and the token of a visitor who has made a video of each kind there."""

    studio: StudioProcess
    maker: str


@pytest.fixture(scope="package")
def exhibition(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exhibition]:
    with (
        SandboxServer(tmp_path_factory.mktemp("far"), "--instant", seconds=0) as cloud,
        StudioProcess(tmp_path_factory.mktemp("exhibition"), cloud, STUDIO_POLL_SECONDS=POLL_SECONDS) as studio,
    ):
        cloud.rules(limited=False, pending=0, running_per_model=100)
        yield Exhibition(studio, make_all(studio, cloud))
