"""The strangers: a process of its own in which many at once do what ``ATTACKS`` names, for a while."""

from __future__ import annotations

import asyncio
import random
import re
import ssl
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx

MOST_STRIKES = 2000
"""Of one attack in one round."""
STRIKE_SECONDS = 30.0
GRACE_SECONDS = 3.0
"""So long what is under way when a round ends may still be answered."""
LONGEST_READ = 1 << 20
LONGEST_WORDS = 8


@dataclass(frozen=True)
class Place:
    """What the strangers know of the studio, and what they must not learn."""

    url: str
    networks: tuple[str, ...]
    """Client addresses, as the proxy before the studio tells them."""
    canaries: tuple[tuple[str, int], ...]
    secrets: tuple[str, ...]
    """What stands in no answer to them: the canaries' song, a word of the honest visitor's prompts."""
    jobs: tuple[str, ...] = ()
    """Ids of the honest visitor's jobs, who was careless with them."""
    files: tuple[str, ...] = ()
    """Digests of the honest visitor's files."""
    paths: tuple[str, ...] = ()
    """Files of the machine and of the studio."""


@dataclass(frozen=True)
class Outcome:
    """How one strike was answered."""

    status: int
    words: str = ""
    """The first words of the refusal."""
    leaked: bool = False


@dataclass
class Tally:
    """What came of one attack."""

    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    """By status and first words."""
    given_up: int = 0
    """Not answered soon after the round ended."""
    leaks: int = 0
    most_open: int = 0
    """Streams that one network held at the same moment."""
    all_open: int = 0
    """Streams that all networks held at the same moment."""

    def add(self, outcome: Outcome) -> None:
        self.leaks += outcome.leaked
        if 0 < outcome.status < 400:
            self.accepted += 1
        else:
            self.refused[f"{outcome.status or '–'} {outcome.words}".strip()] += 1


@dataclass
class Stranger:
    """One who is at work: a client with a network and a cookie, until one is dropped."""

    place: Place
    chance: random.Random
    network: str
    http: httpx.AsyncClient
    tally: Tally
    open: Counter[str]
    """Streams by network, of all strangers of this attack."""

    async def ask(self, method: str, path: str, **options: Any) -> Outcome:
        """One request; the answer is read as far as it is interesting."""
        headers = {"X-Forwarded-For": self.network, **options.pop("headers", {})}
        body = bytearray()
        try:
            async with self.http.stream(method, path, headers=headers, **options) as answer:
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > LONGEST_READ:
                        break
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return Outcome(0, type(error).__name__)
        return self.outcome(answer.status_code, bytes(body))

    def outcome(self, status: int, body: bytes) -> Outcome:
        leaked = any(secret.encode() in body for secret in self.place.secrets)
        return Outcome(status, first_words(body), leaked)

    async def arrive(self) -> None:
        """Take a new cookie."""
        self.http.cookies.clear()
        await self.ask("GET", "/")


Strike = Callable[[Stranger], Awaitable[Outcome]]


def first_words(body: bytes) -> str:
    """Of the sentence in an answer, with its figures taken out so that alike ones count as one."""
    text = body[:2000].decode("utf-8", "replace")
    found = re.search(r'"(?:error|detail)":\s*"((?:[^"\\]|\\.)*)', text)
    sentence = found[1] if found else text.partition("<")[0]
    words = re.sub(r"\d[\d.,]*", "N", re.sub(r"\S+://\S*", "URL", sentence)).split()
    return " ".join(words[:LONGEST_WORDS])


def besiege(
    place: Place, attacks: Sequence[str], table: Mapping[str, Strike], seed: int, seconds: float, crowd: int
) -> dict[str, Tally]:
    """Let ``crowd`` strangers do each of ``attacks`` for ``seconds``; what came of each."""
    return asyncio.run(_besiege(place, {name: table[name] for name in attacks}, seed, seconds, crowd))


async def _besiege(
    place: Place, table: Mapping[str, Strike], seed: int, seconds: float, crowd: int
) -> dict[str, Tally]:
    tallies = {name: Tally() for name in table}
    tls = ssl.create_default_context()  # never used, and slow to make for each of them
    strangers = []
    async with AsyncExitStack() as stack:
        for name, strike in table.items():
            opened: Counter[str] = Counter()
            for number in range(crowd):
                chance = random.Random(f"{seed} {name} {number}")
                network = place.networks[number % len(place.networks)]
                http = httpx.AsyncClient(base_url=place.url, timeout=STRIKE_SECONDS, verify=tls)
                await stack.enter_async_context(http)
                strangers.append((Stranger(place, chance, network, http, tallies[name], opened), strike))
        await asyncio.gather(*(stranger.arrive() for stranger, _ in strangers))
        until, most = time.monotonic() + seconds, MOST_STRIKES // crowd
        await asyncio.gather(*(_strike_on(stranger, strike, until, most) for stranger, strike in strangers))
    return tallies


async def _strike_on(stranger: Stranger, strike: Strike, until: float, most: int) -> None:
    # What is under way in the end is given up, as strangers do.
    for _ in range(most):
        try:
            async with asyncio.timeout(max(0.0, until + GRACE_SECONDS - time.monotonic())):
                stranger.tally.add(await strike(stranger))
        except TimeoutError:
            stranger.tally.given_up += 1
            return
        await asyncio.sleep(stranger.chance.uniform(0, 0.1))
        if time.monotonic() >= until:
            return
