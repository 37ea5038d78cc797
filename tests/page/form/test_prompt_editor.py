from __future__ import annotations

import random
import statistics
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

Opened = Callable[..., Page]

PIECES = [
    *("[Image 1]", "[Image 2] ", "character1", "图1", "【图2】", "@Image3", "Image 1", "[Image 12]"),
    *(
        " walks along ",
        "在清晨的海滩上，",
        "a-word-that-is-longer-than-what-is-left-of-a-line",
        "  ",
        "，",
        "。",
        " (a)",
    ),
    *("🐎👩‍🚀", "e\u0301", "\U00020000", "\n", "\n---\n", "\t", "AVAT fi ffl To"),
]
RECT = """(start, end) => {
    const range = document.createRange();
    const text = document.querySelector(".prompt-text").firstChild;
    range.setStart(text, start);
    range.setEnd(text, end);
    return range.getBoundingClientRect();
}"""
"""Where a part of the text is in the window."""
KEYS = """async () => {
    const taken = [];
    for (let count = 0; count < 15; count++) {
        const began = performance.now();
        document.execCommand("insertText", false, "马");
        document.querySelector(".prompt-mirror").getBoundingClientRect();
        taken.push(performance.now() - began);
        await new Promise(resolve => requestAnimationFrame(resolve));
    }
    return taken;
}"""
"""How many milliseconds each of some keys takes."""


def area(page: Page) -> Locator:
    return page.locator("textarea#prompt")


def options(page: Page) -> Locator:
    return page.get_by_role("option")


def note(page: Page) -> Locator:
    return page.locator("#prompt-note")


def write(page: Page, text: str, caret: int | None = None) -> None:
    """Begin with ``text``, the caret at a UTF-16 index of it, or behind it."""
    page.evaluate("text => { editor.value = text; editor.focus(); }", text)
    select(page, *([len(text)] if caret is None else [caret]))


def select(page: Page, start: int, end: int | None = None) -> None:
    page.evaluate("([start, end]) => editor.area.setSelectionRange(start, end)", [start, start if end is None else end])


def selection(page: Page) -> list[int]:
    found: list[int] = page.evaluate("[editor.area.selectionStart, editor.area.selectionEnd]")
    return found


def value(page: Page) -> str:
    return area(page).input_value()


@pytest.mark.parametrize("width", [400, 350, 377.4])
def test_every_letter_stands_where_the_textarea_has_it(opened: Opened, width: float) -> None:
    page = opened()
    page.evaluate("width => { column.style.width = `${width}px`; }", width)
    chosen = random.Random(width)
    for _ in range(40):
        text = "".join(chosen.choices(PIECES, k=40))
        page.evaluate("text => { editor.value = text; }", text)
        assert page.evaluate("mirrored()") == text
        heights = page.evaluate("heights()")
        assert heights["plain"] == heights["mirrored"], text


def test_a_pill_lies_on_its_text_and_is_no_wider(opened: Opened) -> None:
    page = opened()
    write(page, "so [Image 1] and([Image 2])")
    rects = page.evaluate(f"""() => {{
        const pills = [...document.querySelectorAll(".prompt-pill")].map(one => one.getBoundingClientRect());
        const texts = [[3, 12], [17, 26]].map(([start, end]) => ({RECT})(start, end));
        return [pills, texts].map(list => list.map(rect => [rect.left, rect.right]));
    }}""")
    (first, second), (first_text, second_text) = rects
    assert first == pytest.approx([first_text[0] - 1, first_text[1] + 1], abs=0.1)
    assert second == pytest.approx(second_text, abs=0.1)


STRAY = """tokens => {
    const rectsOf = (start, end) => {
        const text = document.querySelector(".prompt-text").firstChild;
        const range = document.createRange();
        range.setStart(text, start);
        range.setEnd(text, end);
        return [...range.getClientRects()].filter(rect => rect.width);
    };
    const own = tokens.flatMap(([start, end]) =>
        Array.from({ length: end - start }, (_, at) => rectsOf(start + at, start + at + 1)).flat());
    const painted = [...document.querySelectorAll(".prompt-name > *")].filter(one => one.checkVisibility());
    return painted.map(one => one.getBoundingClientRect()).filter(({ left, right, top, bottom }) => {
        const within = own.filter(rect => rect.top < bottom - 2 && rect.bottom > top + 2
            && rect.left >= left - 1 && rect.right <= right + 1);
        const covered = within.reduce((sum, rect) => sum + rect.width, 0);
        return Math.abs(right - left - covered) > 2.5;
    }).map(rect => rect.toJSON());
}"""
"""What is painted of names and does not lie on letters of theirs, which stand from and to these places."""


def test_what_is_painted_of_a_name_lies_on_its_own_letters(opened: Opened) -> None:
    page = opened()
    chosen = random.Random(3)
    painted = 0
    for width in range(440, 200, -8):
        page.evaluate("width => { column.style.width = `${width}px`; }", width)
        text = "".join(chosen.choices([*PIECES, "שלום ", " مرحبا"], k=24))
        page.evaluate("text => { editor.value = text; }", text)
        tokens = page.evaluate("text => findTokens(text).map(({ start, end }) => [start, end])", text)
        assert page.evaluate(STRAY, tokens) == [], text
        painted += page.locator(".prompt-name").count()
    assert painted > 30


def test_a_pill_says_what_its_text_says_where_that_is_wide_enough(opened: Opened) -> None:
    page = opened()
    write(page, "[Image 1] Image 2, image3 character1 图1 图片2 【图 3】 @图2 runs")
    labels = page.locator(".prompt-pill > b")
    expect(labels).to_have_text(["Image 1", "Image 2", "image3", "character1", "1", "2", "图 3", "图2"])
    cut = page.evaluate("""[...document.querySelectorAll(".prompt-pill")].filter(pill => {
        const text = document.createRange();
        text.selectNodeContents(pill.lastChild);
        return text.getBoundingClientRect().right > pill.getBoundingClientRect().right + 0.5
            || parseFloat(getComputedStyle(pill.lastChild).fontSize) < 10;
    }).map(pill => pill.textContent)""")
    assert cut == []


def test_a_name_in_two_lines_is_painted_in_two_pieces(opened: Opened) -> None:
    page = opened()
    write(page, "Along the wet beach of an island at dawn [Image 1] runs")
    for width in range(440, 300, -4):
        page.evaluate("width => { column.style.width = `${width}px`; }", width)
        page.evaluate("() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))")
        if page.locator(".prompt-name[data-wrapped]").count():
            break
    expect(page.locator(".prompt-name .prompt-piece:visible")).to_have_count(2)
    expect(page.locator(".prompt-pill")).to_be_hidden()


def test_an_image_that_is_not_there_is_painted_so(opened: Opened) -> None:
    page = opened()
    write(page, "so [Image 1] and [Image 9] go")
    expect(page.locator(".prompt-name[data-unknown]")).to_have_text("Image 9")
    expect(note(page)).to_have_text("prompt.lint.out_of_range.one 9")


def test_text_and_painting_scroll_as_one(opened: Opened) -> None:
    page = opened()
    write(page, "[Image 1] runs\n" * 60)
    page.keyboard.type("on")
    tops = page.evaluate("""() => {
        const [scroll, area, mirror] =
            [".prompt-scroll", "textarea", ".prompt-mirror"].map(one => document.querySelector(one));
        const caret = document.createRange();
        caret.setStart(mirror.firstChild.firstChild, editor.value.length);
        const last = caret.getBoundingClientRect();
        const [outer, top] = [scroll.getBoundingClientRect(), area.getBoundingClientRect().top];
        return { scrolled: scroll.scrollTop, inner: area.scrollTop, apart: top - mirror.getBoundingClientRect().top,
                 caretShown: last.top >= outer.top && last.bottom <= outer.bottom + 1 };
    }""")
    assert tops["scrolled"] > 0
    assert (tops["inner"], tops["apart"], tops["caretShown"]) == (0, 0, True)


def test_at_sign_opens_the_pictures_and_enter_names_one(opened: Opened) -> None:
    page = opened()
    write(page, "A knight rides")
    page.keyboard.type(" @")
    expect(options(page)).to_have_count(3)
    field, listbox = area(page), page.get_by_role("listbox")
    expect(field).to_have_attribute("aria-controls", listbox.get_attribute("id") or "")
    expect(field).to_have_attribute("aria-activedescendant", options(page).nth(0).get_attribute("id") or "")
    page.keyboard.press("ArrowDown")
    expect(options(page).nth(1)).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", options(page).nth(1).get_attribute("id") or "")
    page.keyboard.press("Enter")
    expect(listbox).to_be_hidden()
    assert field.get_attribute("aria-activedescendant") is None
    assert value(page) == "A knight rides [Image 2] "
    page.keyboard.press("Control+z")
    assert value(page) == "A knight rides @"
    page.keyboard.press("Control+Shift+z")
    page.keyboard.type("away")
    assert value(page) == "A knight rides [Image 2] away"


def test_the_space_behind_a_chosen_picture_is_not_typed_twice(opened: Opened) -> None:
    page = opened()
    write(page, "")
    page.keyboard.type("@")
    page.keyboard.press("Enter")
    page.keyboard.type(" rides ")
    assert value(page) == "[Image 1] rides "
    page.keyboard.type("@2")
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    page.keyboard.press("Space")
    assert value(page) == "[Image 1] rides [Image 2]  ", "only the first is in excess"
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert value(page) == "[Image 1] rides @2"

    write(page, "")
    page.keyboard.type("@")
    page.keyboard.press("Enter")
    for key in ("ArrowLeft", "ArrowRight"):
        page.keyboard.press(key)
        page.evaluate("() => new Promise(resolve => requestAnimationFrame(resolve))")
    page.keyboard.type(" ")
    assert value(page) == "[Image 1]  ", "whoever was elsewhere meanwhile means it"

    write(page, "")
    page.keyboard.type("@")
    page.keyboard.press("Enter")
    cdp = page.context.new_cdp_session(page)
    cdp.send("Input.imeSetComposition", {"text": " ", "selectionStart": 1, "selectionEnd": 1})
    cdp.send("Input.insertText", {"text": " "})
    assert value(page) == "[Image 1]  ", "an input method is left alone"


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("@ch", ["chestnut horse.jpg"]),
        ("@2", ["chestnut horse.jpg"]),
        ("@Image 3", ["海滩.webp"]),
        ("@kn", ["knight.png"]),
        ("＠", ["knight.png", "chestnut horse.jpg", "海滩.webp"]),
        ("@zzz", []),
        ("ada@", []),
    ],
)
def test_what_is_typed_behind_the_at_sign_chooses(opened: Opened, typed: str, names: list[str]) -> None:
    page = opened()
    write(page, "")
    page.keyboard.type(typed)
    expect(options(page).locator("span")).to_have_text(names)


def test_escape_sends_the_pictures_away_until_the_next_at_sign(opened: Opened) -> None:
    page = opened()
    write(page, "")
    page.keyboard.type("@")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.type("k")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.type(" @")
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("Tab")
    assert value(page) == "@k [Image 1] "


def test_a_mode_without_named_images_has_no_pictures(opened: Opened) -> None:
    page = opened("mode=text-to-video")
    write(page, "")
    page.keyboard.type("[Image 1] @")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(page.locator(".prompt-name")).to_have_count(0)


def test_an_input_method_is_left_alone(opened: Opened) -> None:
    page = opened("language=zh")
    cdp = page.context.new_cdp_session(page)
    write(page, "[Image 1]在跑")
    for typed in ("h", "ha", "hai"):
        cdp.send("Input.imeSetComposition", {"text": typed, "selectionStart": len(typed), "selectionEnd": len(typed)})
        assert value(page) == f"[Image 1]在跑{typed}"
        assert page.evaluate("mirrored()") == value(page)
    page.evaluate("editor.renumber({ 1: 2, 2: 1 })")
    assert value(page) == "[Image 1]在跑hai"
    cdp.send("Input.insertText", {"text": "海"})
    assert value(page) == "[Image 2]在跑海"
    assert selection(page) == [len(value(page))] * 2


def test_the_at_sign_of_an_input_method_opens_nothing_until_it_is_done(opened: Opened) -> None:
    page = opened()
    cdp = page.context.new_cdp_session(page)
    write(page, "")
    cdp.send("Input.imeSetComposition", {"text": "＠", "selectionStart": 1, "selectionEnd": 1})
    expect(page.get_by_role("listbox")).to_be_hidden()
    cdp.send("Input.insertText", {"text": "＠"})
    expect(page.get_by_role("listbox")).to_be_visible()


def test_images_that_move_take_their_names_along(opened: Opened) -> None:
    page = opened()
    text = "[Image 1] meets 图2 and character3, then [Image 1]"
    write(page, text)
    select(page, text.index("meets"), text.index(" and"))
    page.evaluate("editor.renumber({ 1: 3, 2: 1, 3: 2 })")
    assert value(page) == "[Image 3] meets 图1 and character2, then [Image 3]"
    assert selection(page) == [text.index("meets"), text.index(" and")]
    page.keyboard.press("Control+z")
    assert value(page) == text


def test_renumbering_leaves_the_focus_where_it_is(opened: Opened) -> None:
    page = opened()
    write(page, "[Image 1]")
    page.get_by_role("button", name="prompt.topic.shot").focus()
    page.evaluate("editor.renumber({ 1: 2, 2: 1 })")
    assert value(page) == "[Image 2]"
    expect(page.get_by_role("button", name="prompt.topic.shot")).to_be_focused()
    area(page).focus()
    page.keyboard.press("Control+z")
    assert value(page) == "[Image 1]"


def test_an_image_that_is_not_named_is_named_by_a_click(opened: Opened) -> None:
    page = opened()
    write(page, "[Image 1] and [Image 2] meet by the sea")
    expect(note(page)).to_have_text("prompt.lint.unused.one 3")
    page.get_by_role("button", name="prompt.insert").click()
    assert value(page) == "[Image 1] and [Image 2] meet by the sea [Image 3] "
    expect(note(page)).not_to_contain_text("lint")
    expect(area(page)).to_be_focused()
    assert page.evaluate("changes.at(-1)") == value(page)
    page.keyboard.press("Control+z")
    assert value(page) == "[Image 1] and [Image 2] meet by the sea"


@pytest.mark.parametrize(
    ("language", "before", "phrase", "after"),
    [
        ("en", "", "wide shot", "Wide shot"),
        ("en", "A horse runs", "wide shot", "A horse runs, wide shot"),
        ("en", "A horse runs. ", "wide shot", "A horse runs. Wide shot"),
        ("zh", "一匹马在跑", "全景", "一匹马在跑，全景"),
    ],
)
def test_a_phrase_joins_what_is_there_and_can_be_undone(
    opened: Opened, language: str, before: str, phrase: str, after: str
) -> None:
    page = opened(f"mode=text-to-video&language={language}")
    write(page, before)
    page.get_by_role("button", name="prompt.topic.shot").click()
    page.get_by_role("button", name=phrase, exact=True).click()
    assert value(page) == after
    expect(area(page)).to_be_focused()
    page.keyboard.press("Control+z")
    assert value(page) == before


def test_phrases_are_for_the_keyboard_too(opened: Opened) -> None:
    page = opened("mode=text-to-video")
    write(page, "A horse runs")
    opener = page.get_by_role("button", name="prompt.topic.camera")
    opener.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert value(page) == "A horse runs, slow push-in"


def test_the_helper_says_one_thing_and_goes_for_good(opened: Opened) -> None:
    page = opened("mode=text-to-video")
    expect(note(page)).to_have_text("")
    write(page, "A horse runs along the beach")
    expect(note(page)).to_have_text("prompt.guide.camera")
    helper = page.get_by_role("button", name="prompt.helper")
    expect(helper).to_have_attribute("aria-pressed", "true")
    expect(helper).to_have_attribute("title", "prompt.helper.hide")
    shades = [helper.evaluate("node => getComputedStyle(node).color")]
    helper.click()
    page.mouse.move(0, 0)
    expect(helper).to_have_attribute("aria-pressed", "false")
    expect(helper).to_have_attribute("title", "prompt.helper.show")
    shades.append(helper.evaluate("node => getComputedStyle(node).color"))
    assert len(set(shades)) == 2, "it is seen whether it is on, also without a pointer that rests on it"
    expect(note(page)).to_have_text("")
    expect(page.locator(".prompt-chips")).to_be_hidden()
    page.reload()
    page.wait_for_function("window.editor")
    expect(page.locator(".prompt-chips")).to_be_hidden()
    helper.click()
    expect(page.locator(".prompt-chips")).to_be_visible()
    expect(helper).to_have_attribute("aria-pressed", "true")


def test_the_helper_looks_at_the_prompt_at_the_caret(opened: Opened) -> None:
    page = opened("mode=text-to-video")
    write(page, "A horse runs along the beach\n---\nA boat by night, in a wide shot", caret=3)
    expect(note(page)).to_have_text("prompt.guide.camera")
    expect(page.locator(".prompt-count")).to_have_text("prompt.count 28 5,000")
    page.keyboard.press("Control+End")
    expect(note(page)).to_have_text("prompt.guide.motion")
    expect(page.locator(".prompt-count")).to_have_text("prompt.count 31 5,000")


def test_what_the_provider_would_cut_is_marked(opened: Opened) -> None:
    page = opened("mode=text-to-video&most=20")
    write(page, "🐎 A horse runs along the beach")
    cut = page.evaluate("editor.prompts[0].beyond")
    assert value(page).encode("utf-16-le")[2 * cut :].decode("utf-16-le") == " the beach"
    marked, text = page.evaluate(
        f"""cut => [document.querySelector(".prompt-beyond > .prompt-piece").getBoundingClientRect(),
        ({RECT})(cut, editor.value.length)].map(rect => [rect.left, rect.right])""",
        cut,
    )
    assert marked == pytest.approx(text, abs=0.1)
    expect(note(page)).to_contain_text("prompt.over.cut")
    expect(page.locator(".prompt-count")).to_have_attribute("data-level", "over")
    expect(page.get_by_role("status")).to_contain_text("prompt.over.spoken")
    write(page, "A horse runs along")
    expect(page.locator(".prompt-count")).to_have_attribute("data-level", "near")
    expect(page.locator(".prompt-beyond")).to_have_count(0)


def test_another_prompt_that_is_too_long_is_told_of(opened: Opened) -> None:
    page = opened("mode=text-to-video&most=20")
    write(page, "A horse\n---\nA horse runs along the beach", caret=2)
    expect(note(page)).to_have_text("prompt.over.other 2 8")


def test_a_line_of_dashes_begins_another_prompt(opened: Opened) -> None:
    page = opened("mode=text-to-video")
    write(page, "")
    page.keyboard.type("A horse\n---\nA boat\n--- \n")
    dividers = page.locator(".prompt-divider")
    expect(dividers).to_have_text(["prompt.divider 2 2", "prompt.divider 3 3"])
    page.keyboard.press("ArrowUp")
    page.keyboard.press("End")
    expect(page.locator(".prompt-divider[data-open]")).to_have_count(1)
    page.keyboard.type("x")
    expect(dividers).to_have_text(["prompt.divider 2 2"])
    assert page.evaluate("editor.prompts.map(one => one.sent)") == ["A horse", "A boat\n--- x"]


def test_a_name_is_plain_while_the_caret_is_at_it(opened: Opened) -> None:
    page = opened()
    write(page, "[Image 1] runs", caret=4)
    pill = page.locator(".prompt-pill")
    expect(pill).to_be_hidden()
    page.keyboard.press("End")
    expect(pill).to_be_visible()
    select(page, 0, 12)
    expect(page.locator(".prompt-name[data-selected]")).to_have_count(1)
    page.get_by_role("button", name="prompt.topic.shot").focus()
    expect(page.locator(".prompt-name[data-selected]")).to_have_count(0)


def test_pictures_that_go_are_no_longer_painted(opened: Opened) -> None:
    page = opened()
    write(page, "[Image 1] [Image 3] run\nto [Image 2]")
    expect(page.locator(".prompt-name img")).to_have_count(3)
    page.evaluate("editor.setImages([{ name: 'a', thumbnail: document.querySelector('.prompt-name img').src }])")
    expect(page.locator("[data-unknown]")).to_have_text(["Image 3", "Image 2"])
    expect(page.locator(".prompt-name img")).to_have_count(1)


def test_a_picture_is_the_same_node_while_one_types(opened: Opened) -> None:
    page = opened()
    write(page, "[Image 1] and [Image 2] run\nto [Image 3]", caret=9)
    before = page.locator(".prompt-name img").element_handles()
    page.keyboard.type(" fast\n")
    after = page.locator(".prompt-name img").element_handles()
    assert all(
        page.evaluate("([before, after]) => before === after", list(pair)) for pair in zip(before, after, strict=True)
    )


def test_typing_in_five_thousand_characters_is_painted_within_a_frame(opened: Opened) -> None:
    page = opened()
    for text in ("马在清晨的海滩上奔跑浪花在光里闪" * 310, "[Image 1]在海滩上奔跑，浪花闪烁。\n" * 240):
        write(page, text, caret=len(text) // 2)
        taken = page.evaluate(KEYS)
        # About 10 ms on two slow cores; other tests run beside this one.
        assert statistics.median(taken) < 40


@pytest.mark.matrix
@pytest.mark.parametrize(
    "text", ["a\n---\n" * 6000, "[Image 1] runs\n" * 8000, "马在奔跑" * 30_000, "\v\n---\n" * 6000]
)
def test_a_key_costs_no_more_for_what_is_out_of_sight(opened: Opened, text: str) -> None:
    page = opened()
    write(page, text, caret=len(text) // 2)
    # Most of it is the browser's own layout of so long a text; other tests run beside this one.
    assert statistics.median(page.evaluate(KEYS)) < 400
    assert page.locator(".prompt-marks *").count() < 1000


def test_what_is_scrolled_into_sight_is_painted(opened: Opened) -> None:
    page = opened()
    write(page, "a\n---\n" * 299 + "a")
    scroll = page.locator(".prompt-scroll")
    scroll.evaluate("scroll => scroll.scrollTo(0, 0)")
    expect(page.get_by_text("prompt.divider 2 300", exact=True)).to_be_visible()
    scroll.evaluate("scroll => scroll.scrollTo(0, scroll.scrollHeight)")
    expect(page.get_by_text("prompt.divider 300 300", exact=True)).to_be_visible()
    expect(page.get_by_text("prompt.divider 2 300", exact=True)).to_have_count(0)


def test_more_prompts_than_one_press_takes_are_told_of(opened: Opened) -> None:
    page = opened()
    write(page, "\n---\n".join("a" for _ in range(20)))
    expect(note(page)).not_to_contain_text("prompt.many")
    page.keyboard.type("\n---\nb")
    expect(note(page)).to_have_text("prompt.many 21 20")


def test_forced_colours_show_the_textareas_own_letters(opened: Opened) -> None:
    page = opened(forced_colors="active")
    write(page, "[Image 1] runs")
    expect(page.locator(".prompt-pill")).to_be_hidden()
    expect(page.locator(".prompt-name .prompt-piece")).to_be_visible()
    assert area(page).evaluate("node => getComputedStyle(node).color") != "rgba(0, 0, 0, 0)"


@pytest.mark.parametrize("touch", [False, True])
def test_every_target_is_large_enough(opened: Opened, touch: bool) -> None:
    page = opened(has_touch=touch, is_mobile=touch)
    write(page, "A horse")
    small = page.evaluate(
        """least => [...document.querySelectorAll(".prompt button")].filter(one => one.offsetParent)
            .map(one => one.getBoundingClientRect())
            .filter(({ width, height }) => Math.min(width, height) < least).length""",
        44 if touch else 24,
    )
    assert small == 0
