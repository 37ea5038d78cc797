"""The library: what is found, in which order, page by page; and what deleting takes away."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from studio.catalog.models import CATALOG
from studio.catalog.pricing import quote
from studio.catalog.prompts import cleaned, is_blank
from studio.catalog.requests import Asset, ImageToVideo, TextToVideo, VideoEdit
from studio.database.schema import EVENTS, HOLDINGS, JOB_TAGS, JOBS, PROMPTS
from studio.database.search import fold
from studio.database.states import ENDED, State
from studio.errors import NotAllowed, SaveError
from studio.jobs.model import Job, Trace, VideoFile, new_id
from studio.jobs.rows.store import Store
from studio.library.history import SORTS, Count, Filter, Library
from studio.outputs.folder import Folder
from studio.outputs.locations import Locations
from studio.system.pace import PACE
from tests.databases import make_job

Add = Callable[..., Job]


@pytest.fixture
def library(store: Store, tmp_path: Path) -> Library:
    return Library(store, Locations.folder(tmp_path))


@pytest.fixture
def add(store: Store) -> Add:
    """Adds a finished job; jobs are a minute apart."""
    made = 0

    def add_job(prompt: str = "A horse", *, duration: int = 5, owner: str = "ada", **changes: Any) -> Job:
        nonlocal made
        made += 1
        at = 1_700_000_000.0 + 60 * made
        request = TextToVideo(provider="dashscope", model="happyhorse-1.0-t2v", prompt=prompt, duration=duration)
        values = {
            "id": f"{int(at * 1000):012x}{made:012x}",
            "owner": owner,
            "state": State.SUCCEEDED,
            "request": request,
            "quote": quote(request, "beijing"),
            "created_at": at,
        }
        job = make_job(**values | changes)
        store.add(job)
        return job

    return add_job


def prompts(library: Library, owner: str = "ada", **wanted: Any) -> list[str]:
    return [entry.job.request.prompt for entry in library.page(owner, Filter(**wanted)).entries]


@pytest.mark.parametrize("wanted", [Filter(sort=sort) for sort in SORTS] + [Filter(words="horse", sort="dearest")])
def test_pages_follow_each_other_by_key_without_gap_or_repetition(library: Library, add: Add, wanted: Filter) -> None:
    jobs = [add(f"Horse {number}", duration=3 + number % 3) for number in range(11)]
    add("Another's horse", owner="eve")
    seen: list[Job] = []
    after = None
    while True:
        page = library.page("ada", wanted, after=after, limit=3)
        seen += [entry.job for entry in page.entries]
        if page.next is None:
            break
        after = page.next
        add("A horse that comes in between", owner="eve")
    by, reverse = {
        "newest": (lambda job: job.id, True),
        "oldest": (lambda job: job.id, False),
        "longest": (lambda job: (job.seconds, job.id), True),
        "shortest": (lambda job: (job.seconds, job.id), False),
        "dearest": (lambda job: (job.price, job.id), True),
        "cheapest": (lambda job: (job.price, job.id), False),
    }[wanted.sort]
    assert [job.id for job in seen] == [job.id for job in sorted(jobs, key=by, reverse=reverse)]


def test_what_a_question_finds_is_counted_and_beyond_a_bound_told_as_more(
    store: Store, library: Library, add: Add, tmp_path: Path
) -> None:
    assert library.count("ada", Filter()) == Count(0, True)
    for number in range(5):
        add(f"Horse {number}", state=State.FAILED if number % 2 else State.SUCCEEDED)
    library.delete("ada", [add("A horse that is gone").id])
    add("A horse", owner="eve")
    assert library.count("ada", Filter(sort="dearest")) == Count(5, True)
    assert library.count("ada", Filter(state="failed")) == Count(2, True)
    assert library.count("ada", Filter(words="horse", state="succeeded")) == Count(3, True)
    assert library.count("ada", Filter(words="zebra")) == Count(0, True)
    few = Library(store, Locations.folder(tmp_path), most_counted=2)
    assert few.count("ada", Filter(words="horse")) == Count(2, False)
    assert few.count("ada", Filter(state="failed")) == Count(2, True)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("horse", ["A horse at DAWN", "HORSES, two of them"]),
        ("dawn", ["A horse at DAWN"]),
        ("orse at", ["A horse at DAWN"]),
        ("dawn horse", ["A horse at DAWN"]),
        ("木匠", ["一位老木匠在清晨的工坊里"]),
        ("匠", ["一位老木匠在清晨的工坊里"]),
        ("工坊里", ["一位老木匠在清晨的工坊里"]),
        ("里", ["一位老木匠在清晨的工坊里"]),
        ("木工", []),
        ("straße", ["Eine STRASSE im Regen 100%"]),
        ("100%", ["Eine STRASSE im Regen 100%"]),
        ("0_%", []),
        ("🐎", ["🐎🐎 in the rain"]),
        ("ABCD", ["ＡＢＣＤ in full width"]),
        ("abcbcd", []),
        ("x", []),
        ('"AND" OR * -', []),
    ],
)
def test_parts_of_prompts_are_found_in_any_case_and_script(
    library: Library, add: Add, words: str, found: list[str]
) -> None:
    for prompt in (
        "A horse at DAWN",
        "HORSES, two of them",
        "一位老木匠在清晨的工坊里",
        "Eine STRASSE im Regen 100%",
        "🐎🐎 in the rain",
        "ＡＢＣＤ in full width",
    ):
        add(prompt)
        add(prompt, owner="eve")
    assert prompts(library, words=words, sort="oldest") == found


def test_words_of_many_prompts_and_of_few_are_found_alike(store: Store, add: Add, tmp_path: Path) -> None:
    library = Library(store, Locations.folder(tmp_path), few=4)
    for number in range(9):
        add(f"horse {number}" + (" zebra" if number % 3 == 0 else ""))
    for sort in SORTS:
        assert len(prompts(library, words="horse", sort=sort)) == 9
        assert len(prompts(library, words="zebra horse", sort=sort)) == 3


def test_a_video_that_is_not_here_yet_has_the_ratio_of_the_file_that_it_follows(
    library: Library, store: Store, add: Add
) -> None:
    facts = {"width": 600, "height": 800}
    file = {"owner": "ada", "sha256": "ab" * 32, "kind": "image", "name": "tall.png", "facts": facts, "added_at": 1.0}
    with store.engine.begin() as connection:
        connection.execute(insert(HOLDINGS).values(**file))
    model = CATALOG.models("dashscope", "image-to-video")[0].id

    def follows(sha256: str) -> Job:
        frame = Asset(sha256, "a.png")
        request = ImageToVideo(provider="dashscope", model=model, prompt="", first_frame=frame)
        return add(request=request, state=State.WAITING, task_id=f"t-{sha256}")

    known, gone, asked = follows("ab" * 32), follows("cd" * 32), add(state=State.FAILED)
    found = {entry.job.id: entry.input_ratio for entry in library.page("ada", Filter()).entries}
    assert found == {known.id: 0.75, gone.id: None, asked.id: None}


def test_filters_narrow_alone_and_together(library: Library, store: Store, add: Add) -> None:
    failed = add("Failed", state=State.FAILED)
    running = add("Running", state=State.WAITING, task_id="t-1")
    model = CATALOG.models("dashscope", "video-edit")[0].id
    edited = VideoEdit(provider="dashscope", model=model, prompt="Edited", video=Asset("0" * 64, "a.mp4"))
    add(request=edited, owner="eve")
    done = add("Done")
    assert prompts(library, state="failed") == ["Failed"]
    assert prompts(library, state="active") == ["Running"]
    assert prompts(library, mode="text-to-video", state="succeeded") == ["Done"]
    assert prompts(library, mode="video-edit") == []
    assert prompts(library, "eve", mode="video-edit") == prompts(library, "eve", model=model) == ["Edited"]
    assert prompts(library, model="happyhorse-1.0-t2v", provider="dashscope") == ["Done", "Running", "Failed"]
    assert prompts(library, provider="aivideoapi") == []
    assert prompts(library, since=running.created_at) == ["Done", "Running"]
    assert prompts(library, until=running.created_at) == ["Failed"]
    library.favour("ada", [done.id, failed.id], True)
    assert prompts(library, favourite=True, sort="longest") == ["Done", "Failed"]
    library.favour("ada", [done.id], False)
    assert prompts(library, favourite=True) == ["Failed"]
    assert prompts(library, favourite=True, state="succeeded") == []


def test_tags_are_put_on_taken_off_and_listed(library: Library, add: Add) -> None:
    first, second, others = add("First"), add("Second"), add("Eve's", owner="eve")
    library.tag("ada", [first.id, second.id, others.id], "  beach   at night ", True)
    library.tag("ada", [first.id], "Best", True)
    library.tag("ada", [first.id], "Best", True)
    assert library.tags("ada") == sorted(["beach at night", "Best"])
    assert library.tags("eve") == []
    assert prompts(library, tag="beach at night") == ["Second", "First"]
    assert set(library.entries("ada", [first.id])[0].tags) == {"beach at night", "Best"}
    library.tag("ada", [first.id, second.id], "beach at night", False)
    assert library.tags("ada") == ["Best"]
    for wrong in ("", "  ", "x" * 41, "a\x00b"):
        with pytest.raises(NotAllowed, match="1 to 40"):
            library.tag("ada", [first.id], wrong, True)


def test_nothing_of_another_visitor_is_seen_or_touched(library: Library, store: Store, add: Add) -> None:
    hers = add("Ada's horse")
    library.tag("ada", [hers.id], "hers", True)
    assert library.page("eve", Filter()).entries == []
    assert library.page("eve", Filter(words="horse")).entries == []
    assert library.page("eve", Filter(tag="hers")).entries == []
    assert library.entries("eve", [hers.id]) == []
    library.favour("eve", [hers.id], True)
    library.tag("eve", [hers.id], "mine", True)
    assert library.delete("eve", [hers.id]) == []
    library.delete("ada", [hers.id])
    assert library.restore("eve", [hers.id]) == []
    assert library.restore("ada", [hers.id]) == [hers.id]
    entry = library.entries("ada", [hers.id])[0]
    assert (entry.tags, entry.job.favourite_at) == (("hers",), None)


@pytest.mark.parametrize("state", list(State))
def test_only_what_has_ended_can_be_deleted_and_then_nothing_moves_it(
    library: Library, store: Store, add: Add, state: State
) -> None:
    job = add(state=state)
    assert library.delete("ada", [job.id]) == ([job.id] if state in ENDED else [])
    if state in ENDED:
        assert library.page("ada", Filter()).entries == []
        assert store.page("ada") == []
        assert store.count("ada") == 0
        for target in State:
            assert store.move(job.id, target) is None


@pytest.mark.parametrize(
    ("trace", "hours", "stays"),
    [
        (None, 1, True),
        (Trace.SEVERAL, 23, True),
        (None, 25, False),
        (Trace.SEVERAL, 25, False),
        (Trace.NONE, 1, False),
        (Trace.UNLISTED, 1, False),
    ],
)
def test_what_may_be_paid_for_and_is_looked_for_is_neither_deleted_nor_expired(
    library: Library, store: Store, add: Add, trace: Trace | None, hours: float, stays: bool
) -> None:
    lost = {"state": State.INTERRUPTED, "trace": trace, "submitting_at": time.time() - 3600 * hours}
    job, aged, done = add(**lost), add(**lost), add()
    assert set(library.delete("ada", [job.id, done.id])) == {done.id} | ({job.id} if not stays else set())
    assert library.expire(time.time() + 60) == (0 if stays else 1)
    assert {one.id for one in store.page("ada")} == ({job.id, aged.id} if stays else set())


def test_the_prompt_of_what_was_deleted_stays_while_a_task_may_be_its_own(
    library: Library, store: Store, add: Add
) -> None:
    job = add(state=State.INTERRUPTED, trace=Trace.NONE, submitting_at=time.time())
    assert library.delete("ada", [job.id]) == [job.id]
    later = time.time() + PACE.undo_seconds + 61
    assert library.sweep(later) == 0
    kept = store.get(job.id)
    assert kept is not None
    assert kept.request == job.request
    assert library.sweep(later + 24 * 3600) == 1


class _Stuck(Folder):
    """A folder in which one file is open elsewhere."""

    stuck = "m/stuck.mp4"

    def delete(self, name: str) -> None:
        if name == self.stuck:
            raise SaveError("It is open elsewhere.")
        super().delete(name)


def test_a_file_that_cannot_be_deleted_holds_up_no_other(store: Store, add: Add, tmp_path: Path) -> None:
    folder = _Stuck(tmp_path)
    library = Library(store, Locations(folder, tmp_path, tmp_path / "outbox"), at_once=1)
    jobs = [_with_files(add, tmp_path, name) for name in ("one", "stuck", "two")]
    library.delete("ada", [job.id for job in jobs])
    later = time.time() + PACE.undo_seconds + 61
    assert library.sweep(later) == 2
    assert sorted(path.name for path in (tmp_path / "m").iterdir()) == _names("stuck")
    folder.stuck = ""
    assert library.sweep(later) == 1
    assert list((tmp_path / "m").iterdir()) == []


def test_a_deletion_can_be_undone_for_a_while_and_then_takes_the_files(
    library: Library, store: Store, add: Add, tmp_path: Path
) -> None:
    job, other = _with_files(add, tmp_path, "gone"), _with_files(add, tmp_path, "stays")
    library.tag("ada", [job.id], "tag", True)
    library.delete("ada", [job.id])
    assert library.sweep(time.time() + PACE.undo_seconds) == 0
    assert library.restore("ada", [job.id]) == [job.id]
    assert library.sweep(time.time() + 2 * PACE.undo_seconds) == 0
    assert prompts(library, words="horse gone") == ["A horse gone"]
    library.delete("ada", [job.id])
    _age(store, job, PACE.undo_seconds + 1)
    assert library.restore("ada", [job.id]) == []
    assert library.sweep(time.time() + 61) == 1
    assert library.sweep(time.time() + 61) == 0
    assert sorted(path.name for path in (tmp_path / "m").iterdir()) == _names("stays")
    with store.engine.connect() as connection:
        for table in (EVENTS, JOB_TAGS, PROMPTS):
            ids = set(connection.execute(select(table.c.job_id)).scalars())
            assert ids == ({other.id} if table is not JOB_TAGS else set())
        row = connection.execute(select(JOBS).where(JOBS.c.id == job.id)).one()
    assert "A horse" not in str(tuple(row))
    assert "gone.mp4" not in str(tuple(row))
    assert (row.task_id, row.quote["seconds"]) == ("task-gone", "5")
    assert prompts(library, words="horse") == ["A horse stays"]
    assert library.delete("ada", [job.id]) == []


def test_length_and_price_follow_what_came_out(library: Library, store: Store, add: Add) -> None:
    short, long = add(duration=3, state=State.SAVING, task_id="t-1"), add(duration=5)
    assert [entry.job.id for entry in library.page("ada", Filter(sort="longest")).entries] == [long.id, short.id]
    store.move(short.id, State.SUCCEEDED, video=_video("x", seconds=15.0))
    assert [entry.job.id for entry in library.page("ada", Filter(sort="longest")).entries] == [short.id, long.id]


def _video(stem: str, seconds: float = 5.0) -> VideoFile:
    return VideoFile(f"m/{stem}.mp4", f"m/{stem}.jpg", 3, "00", 1280, 720, seconds, 24.0, "h264")


def _names(stem: str) -> list[str]:
    return sorted(f"{stem}.{suffix}" for suffix in ("mp4", "jpg", "json"))


def _with_files(add: Add, folder: Path, stem: str) -> Job:
    (folder / "m").mkdir(exist_ok=True)
    for name in _names(stem):
        (folder / "m" / name).write_bytes(b"abc")
    return add(f"A horse {stem}", task_id=f"task-{stem}", video=_video(stem))


def _age(store: Store, job: Job, seconds: float) -> None:
    with store.engine.begin() as connection:
        connection.execute(update(JOBS).where(JOBS.c.id == job.id).values(deleted_at=time.time() - seconds))


WORDS = st.text(st.characters(codec="utf-8") | st.sampled_from("aAé马马Éß%_\\'\"*:&|!"), min_size=1, max_size=12).map(
    cleaned
)
ONE_STORE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@ONE_STORE
@given(prompt=st.lists(WORDS, min_size=1, max_size=6), data=st.data())
def test_a_word_that_is_in_a_prompt_is_found_and_so_is_each_part_of_it(
    library: Library, add: Add, prompt: list[str], data: st.DataObject
) -> None:
    """Each example has a visitor of its own."""
    assume(not is_blank(" ".join(prompt)))
    owner = new_id(0.0)
    job = add(" ".join(prompt), owner=owner)

    def found(words: str) -> bool:
        return [entry.job.id for entry in library.page(owner, Filter(words=words)).entries] == [job.id]

    word = data.draw(st.sampled_from(prompt))
    assert found(word)
    assert found(" ".join(reversed(prompt)))
    folded = fold(job.request.prompt)
    begin = data.draw(st.integers(0, len(folded) - 1))
    part = folded[begin : data.draw(st.integers(begin, len(folded)))]
    if all(fold(piece) in folded for piece in part.split()):  # letters that are written as two may be taken apart
        assert found(part)
    assert library.page("somebody else", Filter(words=word)).entries == [] or not word.split()
