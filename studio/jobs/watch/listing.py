"""Reading a provider's list of tasks."""

from __future__ import annotations

from studio.errors import RequestRefused
from studio.providers.base import ListedTask, Provider, TaskPage, TaskStatus

LARGEST_PAGE = 500
SMALLEST_PAGE = 10
"""The provider's own default, so it is never refused."""
GROWS_AFTER = 50
"""After so many lists with a smaller page than was wished for, one twice as large is tried."""


class Listing:
    """The tasks of one account, page by page.

    How great a page may be is documented nowhere, so it is found by asking: a size that is refused is halved, and when
    less comes back than was asked for, that is the size. Neither holds for ever: a larger one is tried now and then.
    """

    def __init__(self, provider: Provider, *, grows_after: int = GROWS_AFTER) -> None:
        self._provider = provider
        self._grows_after = grows_after
        self.page_size = LARGEST_PAGE
        self._lists = 0
        """Since the size was last found out."""

    async def tasks(
        self, *, since: float, until: float | None = None, status: TaskStatus | None = None, most_pages: int
    ) -> dict[str, ListedTask]:
        """By id the tasks made between two times, in seconds since 1970, the newest ``most_pages`` pages of them.

        Raises what ``Provider.list`` raises.
        """
        found: dict[str, ListedTask] = {}
        self._lists += 1
        if self._lists > self._grows_after:
            self._found_out(self.page_size * 2)
        for page in range(1, most_pages + 1):
            answer = await self._page(page, since, until, status)
            found.update((task.id, task) for task in answer.tasks)
            if page == 1 and 0 < len(answer.tasks) < min(self.page_size, answer.total):
                self._found_out(len(answer.tasks))
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
                self._found_out(self.page_size // 2)

    def _found_out(self, size: int) -> None:
        self.page_size, self._lists = min(max(SMALLEST_PAGE, size), LARGEST_PAGE), 0
