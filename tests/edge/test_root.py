"""Below a path: the same studio, whether the proxy before it takes the path off or leaves it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from studio.visitors.tokens import Identity
from tests.edge.serving import SECRET, edged

ADA = Identity(SECRET).token("ada")
BOB = Identity(SECRET).token("bob")


@pytest.fixture(scope="module")
def below() -> Iterator[httpx.Client]:
    with edged(STUDIO_ROOT_PATH="hh/films/") as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/studio/jobs", "/studio/jobs?a=/hh/films/b"])
def test_the_path_is_taken_off_where_the_proxy_left_it(below: httpx.Client, path: str) -> None:
    for asked in (path, "/hh/films" + path):
        seen = below.get(asked).raise_for_status().json()
        assert (seen["path"], seen["root"]) == (path.partition("?")[0], "/hh/films")


def test_only_whole_names_of_the_path_are_taken_off(below: httpx.Client) -> None:
    for other in ("/hh/filmstudio/jobs", "/hh/studio/jobs", "/films/studio/jobs", "/hh/films/hh/films/studio/jobs"):
        assert below.get(other).status_code == 404


def test_the_page_itself_stands_behind_a_slash(below: httpx.Client) -> None:
    answer = below.get("/hh/films?a=b")
    assert (answer.status_code, answer.headers["location"]) == (307, "/hh/films/?a=b")
    page = below.get("/hh/films/").headers
    for name in ("cross-origin-resource-policy", "referrer-policy", "x-content-type-options"):
        assert answer.headers[name] == page[name]
    assert {"content-security-policy", "permissions-policy"} <= answer.headers.keys()


def test_a_path_may_begin_as_the_studios_own_addresses_do() -> None:
    with edged(STUDIO_ROOT_PATH="/studio") as client:
        for asked in ("/studio/jobs", "/studio/studio/jobs"):
            assert client.get(asked).json()["path"] == "/studio/jobs"
        assert client.get("/studio/").json()["path"] == "/"


def test_a_studio_below_a_path_has_cookies_of_its_own(below: httpx.Client) -> None:
    for asked in ("/", "/hh/films/"):
        cookie = below.get(asked, headers={"Cookie": f"happyhorse={ADA}"}).headers["set-cookie"]
        assert cookie == f"happyhorse={ADA}; Path=/hh/films; HttpOnly; Max-Age=31536000; SameSite=Lax"


def test_whoever_came_before_the_path_was_told_is_known_still() -> None:
    with edged(STUDIO_PUBLIC_URL="https://example.com/hh") as client:
        at = {"Host": "example.com"}
        cookie = client.get("/hh/", headers={**at, "Cookie": f"__Host-happyhorse={ADA}"}).headers["set-cookie"]
        assert cookie.startswith(f"__Secure-happyhorse={ADA}; Path=/hh; HttpOnly; ")
        assert "; Secure; " in cookie
        both = {**at, "Cookie": f"__Host-happyhorse={BOB}; __Secure-happyhorse={ADA}"}
        assert client.get("/hh/studio/jobs", headers=both).json()["visitor"] == "ada"


def test_where_there_is_no_path_none_is_taken_off_and_no_neighbours_cookie_is_read() -> None:
    with edged() as client:
        assert client.get("/hh/studio/jobs").status_code == 404
        seen = client.get("/studio/jobs", headers={"Cookie": f"__Secure-happyhorse={ADA}"}).json()
        assert (seen["root"], seen["visitor"] == "ada") == ("", False)
