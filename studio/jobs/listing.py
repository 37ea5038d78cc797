"""Reading a provider's list of tasks."""

from __future__ import annotations

from studio.errors import RequestRefused
from studio.providers.base import ListedTask, Provider, TaskPage, TaskStatus

LARGEST_PAGE = 500
SMALLEST_PAGE = 10
"""The provider's own default, so it is never refused."""


class Listing:
    """The tasks of one account, page by page.

    How great a page may be is documented nowhere, so it is found by asking: a size that is refused is halved, and when
    less comes back than was asked for, that is the size.
    """

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self.page_size = LARGEST_PAGE

    async def tasks(
        self, *, since: float, until: float | None = None, status: TaskStatus | None = None, most_pages: int
    ) -> dict[str, ListedTask]:
        """By id the tasks made between two times, in seconds since 1970, the newest ``most_pages`` pages of them.

        Raises what ``Provider.list`` raises.
        """
        found: dict[str, ListedTask] = {}
        for page in range(1, most_pages + 1):
            answer = await self._page(page, since, until, status)
            found.update((task.id, task) for task in answer.tasks)
            if page == 1 and 0 < len(answer.tasks) < min(self.page_size, answer.total):
                self.page_size = len(answer.tasks)
            if not answer.tasks or page * self.page_size >= answer.total:
                break
        return found

    async def _page(self, page: int, since: float, until: float | None, status: TaskStatus | None) -> TaskPage:
        while True:
            try:
                return await self._provider.list(
                    page=page, page_size=self.page_size, status=status, since=since, until=until
                )
            except RequestRefused:
                if page > 1 or self.page_size == SMALLEST_PAGE:
                    raise
                self.page_size = max(SMALLEST_PAGE, self.page_size // 2)
