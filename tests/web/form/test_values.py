"""Whatever comes to an event of the form, from whichever page or program: it is read, or refused in a sentence."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from studio.catalog.models import CATALOG
from studio.web.form.values import read
from tests.servers import SandboxServer

WILD = (
    None,
    -1,
    0,
    [],
    {},
    "x" * 100_000,
    1e308,
    2.5,
    [[]] * 300,
    True,
    "\ud800",
    {"sha256": "../.."},
    [{"name": 5}],
)
JSON = {"Content-Type": "application/json"}
PREFIXES = ("t2v", "i2v", "r2v", "edit")


class Events:
    """The events of the page's forms, as anyone may post to them."""

    def __init__(self, visitor: httpx.Client) -> None:
        self.visitor = visitor
        self.session = secrets.token_hex(8)
        config = visitor.get("/config").raise_for_status().json()
        parts = {part["id"]: part["props"] for part in config["components"]}
        self.named = {
            (one["api_name"], self.prefix(one, parts)): one for one in config["dependencies"] if one["backend_fn"]
        }
        self.defaults = {key: [parts[i].get("value") for i in one["inputs"]] for key, one in self.named.items()}
        self.ids = {key: [parts[i].get("elem_id") for i in one["inputs"]] for key, one in self.named.items()}

    @staticmethod
    def prefix(one: dict[str, Any], parts: dict[int, dict[str, Any]]) -> str:
        named = [*one["inputs"], *one["outputs"]]
        return str(parts[named[0]].get("elem_id")).partition("-")[0] if named else ""

    def of(self, name: str) -> Iterator[tuple[str, str]]:
        return (key for key in self.named if key[0].startswith(name) and key[1] in PREFIXES)

    def send(self, key: tuple[str, str], values: list[Any], detail: Any = None) -> list[Any]:
        body = {"fn_index": self.named[key]["id"], "data": values, "event_data": detail, "session_hash": self.session}
        answer = self.visitor.post("/gradio_api/run/predict", content=json.dumps(body), headers=JSON)
        assert answer.status_code == 200, (key, str(values)[:200], answer.text[:500])
        data: list[Any] = answer.json()["data"]
        return data


@pytest.fixture
def events(visitor: httpx.Client) -> Events:
    return Events(visitor)


def test_no_value_is_too_wild_for_the_form(cloud: SandboxServer, visitor: httpx.Client, events: Events) -> None:
    for name in ("refresh", "choose", "send"):
        for key in events.of(name):
            plain = events.defaults[key]
            for value in WILD:
                events.send(key, [value] * len(plain))
    for key in events.of("send"):
        plain = [
            "A horse" if name.endswith("-prompt") else value
            for name, value in zip(events.ids[key], events.defaults[key], strict=True)
        ]
        for place, name in enumerate(events.ids[key]):
            if key[1] == "t2v" and not name.endswith(("-seed", "-prompt", "-press")):
                told = events.send(key, [*plain[:place], -1, *plain[place + 1 :]])[0]["lines"]
                assert told[0]["kind"] == "error", name
                assert "-1 is given; it must be" in told[0]["text"]
    assert visitor.get("/studio/jobs").json()["jobs"] == []
    assert cloud.statistics()["requests"]["create"] == 0


def test_less_than_one_video_has_no_price(events: Events) -> None:
    key = ("refresh", "t2v")
    for count in (-1, 0, 5, 10**9, None):
        values = list(events.defaults[key])
        values[events.ids[key].index("t2v-variants")] = count
        _, button, summary = events.send(key, values)
        assert button["value"] == "Generate"
        assert "it must be a whole number from 1 to 4" in summary["lines"][0]["text"]


def test_a_cleared_duration_is_told_and_what_is_typed_stays_when_the_model_changes(events: Events) -> None:
    values = list(events.defaults["choose", "t2v"])
    ids = events.ids["choose", "t2v"]
    values[ids.index("t2v-duration")], values[ids.index("t2v-prompt")] = None, "A horse"
    *updates, notice = events.send(("choose", "t2v"), values)
    assert "value" not in updates[ids.index("t2v-duration")]
    assert "value" not in updates[ids.index("t2v-prompt")]
    assert notice["lines"][0]["text"] == "Duration: nothing is given; it must be a whole number from 3 to 15."


def test_settings_of_any_making_fill_the_form_as_far_as_they_are_settings(events: Events) -> None:
    wild = {
        name: value
        for name in ("prompt", "seed", "duration", "ratio", "provider", "model", "variants")
        for value in WILD
    }
    for key in events.of("fill"):
        for detail in (None, [], {}, {"settings": None}, {"settings": [1]}, {"settings": wild}):
            events.send(key, [], detail)
        for value in WILD:
            named = (
                "prompt",
                "seed",
                "duration",
                "watermark",
                "first_frame",
                "references",
                "video",
                "variants",
                "model",
            )
            events.send(key, [], {"settings": dict.fromkeys(named, value)})
    *_, summary, notice = events.send(("fill", "t2v"), [], {"settings": {"prompt": "A horse", "duration": 7}})
    assert (summary["settings"]["prompt"], summary["settings"]["duration"]) == ("A horse", 7)
    assert notice == {"lines": []}
    old = {"seed": -1, "ratio": "", "watermark": False, "title": "x", "duration": 99}
    *_, notice = events.send(("fill", "t2v"), [], {"settings": old})
    assert notice["lines"][0]["text"].splitlines() == [
        "happyhorse-1.1-t2v has no such setting: title",
        "Duration: 99 cannot be had any more; 5 is chosen instead",
    ]


def test_an_order_that_is_none_leaves_the_prompt_alone(events: Events) -> None:
    (key, *_) = events.of("follow_order")
    prompt = "[Image 1] and [Image 2]"
    assert events.send(key, [prompt], {"moved": {"1": 2, "2": 1}})[0] == "[Image 2] and [Image 1]"
    for detail in (None, {}, {"moved": [1]}, {"moved": {"a": "b"}}, {"moved": {str(n): n for n in range(1, 900)}}):
        assert events.send(key, [prompt], detail)[0] != "[Image 2] and [Image 1]"
    for value in WILD:
        events.send(key, [value], {"moved": {"1": value}})


def test_a_page_of_another_version_is_told_to_reload(visitor: httpx.Client, events: Events) -> None:
    body = {"fn_index": events.named["send", "t2v"]["id"], "data": ["A horse"]}
    told = visitor.post("/gradio_api/run/predict", json=body, headers={"Accept-Language": "zh"}).json()["error"]
    assert told == "此页面属于 Studio 的另一版本，请刷新。没有提交任何内容。"


def test_what_cannot_be_read_has_its_default_and_is_told_by_its_name() -> None:
    models = {"dashscope": CATALOG.models("dashscope", "text-to-video")}
    plain = {"prompt": "A", "provider": "dashscope", "model": "happyhorse-1.0-t2v", "seed": 7, "variants": 1}
    plain |= {"ratio": "16:9", "resolution": "720P", "duration": 5.0, "watermark": True}
    values = read(plain, models, plain)
    values.require()
    assert (values.seed, values.settings["duration"]) == ("7", 5)
    broken = read({**plain, "duration": None, "variants": "many"}, models, plain)
    assert broken.problems.keys() == {"duration", "variants"}
    assert (broken.variants, broken.settings["duration"]) == (1, 5.0)


def test_a_press_before_the_new_price_came_sends_nothing_that_costs_more(
    cloud: SandboxServer, visitor: httpx.Client, events: Events
) -> None:
    key = ("send", "t2v")
    ids, values = events.ids[key], list(events.defaults[key])
    refreshed = events.defaults["refresh", "t2v"]
    *_, summary = events.send(("refresh", "t2v"), refreshed)
    values[ids.index("t2v-prompt")], values[ids.index("t2v-variants")] = "A horse", 2

    def press(number: int, price: str | None) -> dict[str, Any]:
        values[-1] = {"key": f"press-{number}", "price": price}
        told: dict[str, Any] = events.send(key, values)[0]
        return told

    told = press(1, summary["price"])
    one, two = summary["price"].removesuffix(" CNY"), told["price"].removesuffix(" CNY")
    assert float(two) == 2 * float(one) > 0
    said = told["lines"][0]["text"]
    assert said.startswith(f"This costs ¥{float(two):.2f}, and the button said ¥{float(one):.2f}. Nothing was sent")
    assert "which was not shown before" in press(2, "none")["lines"][0]["text"]
    assert visitor.get("/studio/jobs").json()["jobs"] == []
    for number, price in ((3, told["price"]), (4, "1000 CNY"), (5, None)):  # as shown, dearer than it is, not told
        assert press(number, price)["lines"][0]["kind"] == "sent"
    assert len(visitor.get("/studio/jobs").json()["jobs"]) == 6
