from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from studio.visitors.tokens import Identity
from studio.web.edge.cookies import PLAIN, SECURE, Cookies, cookies_of
from tests.edge.serving import SECRET, app, edged, served

ADA = Identity(SECRET).token("ada")
BOB = Identity(SECRET).token("bob")


@pytest.fixture(scope="module")
def plain() -> Iterator[httpx.Client]:
    with edged() as client:
        yield client


def ask(client: httpx.Client, cookie: str | bytes, path: str = "/studio/jobs", **headers: str) -> str:
    client.cookies.clear()
    value = cookie if isinstance(cookie, bytes) else cookie.encode("utf-8")
    answer = client.get(path, headers=[(b"Cookie", value), *((n.encode(), v.encode()) for n, v in headers.items())])
    return str(answer.json()["visitor"])


@pytest.mark.parametrize(
    "beside",
    [
        'prefs={"theme":"dark"}',
        "flag",
        "path=/x",
        "Path=/; Expires=Wed, 09 Jun 2027 10:18:14 GMT",
        "domain=x; secure; httponly",
        'csrftoken="abc',
        'a="b\\',
        "name=Jürgen",
        "名=马",
        "=",
        "==",
        ";;",
        "a[b]=c, d",
        "$Version=1",
        "happyhorse-language=zh",
        "happyhorse",
        "happyhorse=",
        "happyhorse=ada.0000",
        "HappyHorse=x",
        "a\tb=c",
    ],
)
def test_ours_is_read_whatever_stands_beside_it(plain: httpx.Client, beside: str) -> None:
    for cookie in (f"{beside}; happyhorse={ADA}", f"happyhorse={ADA}; {beside}", f'{beside};happyhorse="{ADA}"'):
        assert ask(plain, cookie) == "ada", cookie


def test_what_is_not_ours_is_not_even_parsed() -> None:
    headers = Headers({"cookie": ";" * 60_000 + f"a=b; happyhorse={ADA};c"})
    assert list(cookies_of(headers)) == [("happyhorse", ADA)]


def test_the_first_of_ours_that_is_good_counts(plain: httpx.Client) -> None:
    assert ask(plain, f"happyhorse={ADA}; happyhorse={BOB}") == "ada"
    assert ask(plain, f"happyhorse={ADA}x; happyhorse={BOB}") == "bob"
    assert ask(plain, f"happyhorse={ADA}; __Host-happyhorse={BOB}") == "bob"  # what no neighbour can plant


def test_bytes_that_are_no_text_hide_nothing(plain: httpx.Client) -> None:
    assert ask(plain, b"x=\xff\xfe; happyhorse=" + ADA.encode()) == "ada"


def test_cookies_in_several_headers_are_all_read(plain: httpx.Client) -> None:
    plain.cookies.clear()
    answer = plain.get("/studio/jobs", headers=[("Cookie", "a=b"), ("Cookie", f"happyhorse={ADA}")])
    assert answer.json()["visitor"] == "ada"


def test_a_visitor_is_made_by_loading_the_page_alone(plain: httpx.Client) -> None:
    plain.cookies.clear()
    for path in ("/studio/jobs", "/studio/events", "/assets/x.js"):
        assert "set-cookie" not in plain.get(path).headers
    assert ask(plain, "happyhorse=nonsense") == ""
    for fetched in ({"Sec-Fetch-Mode": "cors"}, {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}):
        answer = plain.get("/", headers=fetched)
        assert (answer.json()["visitor"], "set-cookie" in answer.headers) == ("", False)
    loaded = plain.get("/", headers={"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"})
    assert loaded.json()["visitor"]
    assert loaded.headers["set-cookie"].startswith(f"happyhorse={loaded.json()['token']}; ")


def test_each_page_load_renews_the_cookie_for_a_year(plain: httpx.Client) -> None:
    plain.cookies.clear()
    answer = plain.get("/", headers={"Cookie": f"happyhorse={ADA}"})
    assert answer.headers["set-cookie"] == f"happyhorse={ADA}; Path=/; HttpOnly; Max-Age=31536000; SameSite=Lax"


@pytest.mark.parametrize(
    "browsers",
    [
        {"Origin": "http://127.0.0.1"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Sec-Fetch-Mode": "cors"},
        {"Cookie": "theme=dark"},
        {"Cookie": "happyhorse=forged.0000"},
    ],
)
def test_a_browser_that_is_not_known_changes_nothing(plain: httpx.Client, browsers: dict[str, str]) -> None:
    plain.cookies.clear()
    if browsers.get("Origin", "null") != "null":
        browsers = browsers | {"Origin": str(plain.base_url).rstrip("/")}
    for method in ("POST", "PUT", "DELETE"):
        answer = plain.request(method, "/studio/jobs", headers=browsers)
        assert answer.status_code == 401
        assert "cookie" in answer.json()["error"]
        assert "set-cookie" not in answer.headers


def test_a_script_gets_its_token_with_what_it_makes(plain: httpx.Client) -> None:
    plain.cookies.clear()
    first = plain.post("/gradio_api/run/text_to_video").json()
    again = plain.post("/gradio_api/run/text_to_video", headers={"X-Studio-Visitor": first["token"]}).json()
    assert first["visitor"] == again["visitor"] != ""


def test_the_secure_name_is_used_where_the_page_comes_by_https_and_the_old_one_is_read() -> None:
    with edged() as client:
        answer = client.get("/", headers={"Cookie": f"happyhorse={ADA}", "X-Forwarded-Proto": "https"})
    written = answer.headers["set-cookie"]
    assert written == f"__Host-happyhorse={ADA}; Path=/; HttpOnly; Max-Age=31536000; Secure; SameSite=Lax"


def test_a_public_address_by_https_is_enough_where_the_cookie_would_be_kept() -> None:
    with edged(STUDIO_PUBLIC_URL="https://studio.example/") as client:
        for host, secure in (
            ("studio.example", True),
            ("STUDIO.example.:443", True),
            ("localhost:7860", True),
            ("127.0.0.1:7860", True),
            ("[::1]:7860", True),
            ("192.168.1.5:7860", False),  # by plain http from another machine: a browser would drop it
        ):
            written = client.get("/", headers={"Host": host}).headers["set-cookie"]
            assert ("__Host-happyhorse=" in written, "; Secure" in written) == (secure, secure), host


def test_on_a_space_the_old_cookies_live_on() -> None:
    with edged(SPACE_ID="someone/happyhorse", SPACE_HOST="someone-happyhorse.hf.space") as client:
        for name in ("happyhorse", "__Host-happyhorse"):
            written = client.get("/", headers={"Cookie": f"{name}={ADA}"}).headers["set-cookie"]
            assert written.startswith(f"__Host-happyhorse={ADA}; Path=/; HttpOnly; ")
            assert written.endswith("; Secure; SameSite=None; Partitioned")


def test_raising_the_epoch_voids_what_was_handed_out() -> None:
    first, second = Identity(SECRET, 1), Identity(SECRET, 2)
    assert first.read(ADA) is None
    assert second.read(first.token("ada")) is None
    assert second.read(second.token("ada")) == first.read(second.token("ada")) == "ada"
    assert Identity(SECRET).read(first.token("ada")) == "ada"
    with served(app(STUDIO_VISITORS_EPOCH="1")) as client:
        assert ask(client, f"happyhorse={ADA}") == ""
        assert client.get("/studio/jobs", headers={"X-Studio-Visitor": ADA}).status_code == 401
        renewed = client.get("/", headers={"Cookie": f"happyhorse={first.token('ada')}"})
        assert renewed.json()["visitor"] == "ada"


IDENTITY = Identity(SECRET)
OTHERS = st.binary(max_size=40).map(lambda data: data.replace(b";", b","))
FORGED = st.binary(max_size=60).map(lambda data: PLAIN.encode() + b"=" + data.replace(b";", b","))


def visitor_of(*headers: bytes) -> str | None:
    return Cookies(IDENTITY).visitor(Headers(raw=[(b"cookie", header) for header in headers]))


@given(st.lists(OTHERS | FORGED, max_size=5), st.integers(0, 5), st.sampled_from([PLAIN, SECURE]))
def test_a_visitor_is_known_among_whatever_else_a_browser_sends(others: list[bytes], at: int, name: str) -> None:
    chunks = [*others[:at], f"{name}={ADA}".encode(), *others[at:]]
    assert visitor_of(b"; ".join(chunks)) == "ada"
    assert visitor_of(*chunks) == "ada"


@given(st.lists(st.binary(max_size=80) | FORGED, max_size=4))
def test_nothing_that_is_not_signed_here_is_a_visitor(headers: list[bytes]) -> None:
    assert visitor_of(*headers) is None


@given(st.data())
def test_a_token_with_one_character_changed_is_nobodys(data: st.DataObject) -> None:
    token = IDENTITY.token(IDENTITY.new())
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters().filter(lambda sign: sign != token[at]))
    assert IDENTITY.read(token[:at] + other + token[at + 1 :]) is None
    assert IDENTITY.read(token) == token.partition(".")[0]
