from __future__ import annotations

from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest

from studio.visitors.tokens import Identity
from tests.servers import SandboxServer
from tests.studio_process import StudioProcess

JOBS = "/studio/jobs"


@pytest.fixture
def stranger(studio: StudioProcess) -> Iterator[httpx.Client]:
    """A client without a cookie."""
    with httpx.Client(base_url=studio.url, timeout=30) as client:
        yield client


def test_a_token_is_read_by_who_signed_it_alone() -> None:
    mine, theirs = Identity(b"mine"), Identity(b"theirs")
    token = mine.token("ada")
    assert mine.read(token) == "ada"
    assert theirs.read(token) is None


def test_a_token_of_the_first_version_is_read_for_good() -> None:
    assert Identity(b"mine").read("ada.9dcbb58a81d5c70be9fe5d8daa292f01f779385e") == "ada"


@pytest.mark.parametrize("token", ["", ".", "ada", "ada.", ".5f", "ada.0000", "ada.ä", "ädä.0000", "ada." + "0" * 40])
def test_what_is_no_token_names_nobody(token: str) -> None:
    assert Identity(b"mine").read(token) is None


def test_a_browser_gets_its_cookie_and_keeps_it(stranger: httpx.Client) -> None:
    first = stranger.get("/")
    cookie = SimpleCookie(first.headers["set-cookie"])["happyhorse"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert int(cookie["max-age"]) >= 90 * 86400
    assert not cookie["secure"]  # or plain http on a home network would lose every job
    again = SimpleCookie(stranger.get("/").headers["set-cookie"])["happyhorse"]
    assert (again.value, again["max-age"]) == (cookie.value, cookie["max-age"])  # for a year from now


def test_a_changed_cookie_is_replaced_and_opens_nothing(studio: StudioProcess, visitor: httpx.Client) -> None:
    studio.submit(visitor, "Mine alone")
    genuine = visitor.cookies["happyhorse"]
    forged = genuine[:-1] + ("0" if genuine[-1] != "0" else "1")
    with httpx.Client(base_url=studio.url, headers={"Cookie": f"happyhorse={forged}"}, timeout=30) as thief:
        assert thief.get(JOBS).json()["jobs"] == []
        assert thief.get("/").cookies["happyhorse"] not in (genuine, forged)


def test_a_browser_whose_cookies_are_blocked_pays_nothing(studio: StudioProcess, stranger: httpx.Client) -> None:
    values = ["Nobody's", "", "", "", 3, True, 7]
    for path in ("/gradio_api/run/text_to_video", "/gradio_api/call/text_to_video", "/gradio_api/queue/join"):
        for headers in ({"Origin": studio.url}, {"Sec-Fetch-Site": "same-origin"}, {"Cookie": "theme=dark"}):
            refused = stranger.post(path, json={"data": values, "session_hash": "x", "fn_index": 0}, headers=headers)
            assert refused.status_code == 401
            assert "cookie" in refused.json()["error"]
            assert "set-cookie" not in refused.headers


def test_another_name_that_leads_here_is_refused(studio: StudioProcess, stranger: httpx.Client) -> None:
    values = ["Rebound", "", "", "", 3, True, 7]
    headers = {"Host": "evil.example", "Origin": "http://evil.example"}
    refused = stranger.post("/gradio_api/run/text_to_video", json={"data": values}, headers=headers)
    assert refused.status_code == 421
    assert stranger.get("/", headers=headers).status_code == 421


def test_gradio_lets_no_other_site_read(stranger: httpx.Client) -> None:
    for origin in ("http://127.0.0.1:9999", "https://evil.example"):
        for host in (stranger.base_url.netloc.decode(), "192.168.1.5:7860"):
            headers = {"Origin": origin, "Host": host, "Access-Control-Request-Method": "POST"}
            for answer in (stranger.get(JOBS, headers=headers), stranger.options(JOBS, headers=headers)):
                assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_a_script_is_known_by_its_token_and_a_forged_one_is_401(studio: StudioProcess, stranger: httpx.Client) -> None:
    job = studio.submit(stranger, "From a script")
    token = job["visitor"]
    found = stranger.get(JOBS, headers={"X-Studio-Visitor": token}).json()["jobs"]
    assert [one["id"] for one in found] == [job["id"]]
    forged = stranger.get(JOBS, headers={"X-Studio-Visitor": token[:-2] + "zz"})
    assert forged.status_code == 401
    assert "X-Studio-Visitor" in forged.json()["error"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "file://"])
def test_a_page_of_another_origin_may_change_nothing(
    studio: StudioProcess, cloud: SandboxServer, visitor: httpx.Client, origin: str
) -> None:
    cloud.rules(hold="PENDING")
    job = studio.submit(visitor, "Keep me")
    for path in (f"{JOBS}/{job['id']}/cancel", "/gradio_api/run/text_to_video", "/gradio_api/queue/join"):
        refused = visitor.post(path, headers={"Origin": origin}, json={"data": ["theirs"]})
        assert refused.status_code == 403, path
        assert "another site" in refused.json()["error"]
    jobs = visitor.get(JOBS).json()["jobs"]
    assert [one["id"] for one in jobs] == [job["id"]]
    assert jobs[0]["state"] != "canceled"


def test_the_own_origin_is_welcome_also_behind_a_proxy(studio: StudioProcess, visitor: httpx.Client) -> None:
    missing = f"{JOBS}/0/cancel"
    assert visitor.post(missing, headers={"Origin": studio.url}).status_code == 404
    proxied = {"Origin": "https://studio.example", "X-Forwarded-Host": "studio.example"}
    assert visitor.post(missing, headers=proxied).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "deep_link?session_hash=x",
        "file=http://127.0.0.1/",
        "file=https://example.com/",
        "file%3Dhttps:%2F%2Fexample.com/",
        "file/http://127.0.0.1/",
        "file/https://example.com/",
        "file%2Fhttps%3A%2F%2Fexample.com/",
        "proxy=http://127.0.0.1/",
        "vibe-code",
        "run-history",
        "runs",
    ],
)
def test_what_gradio_would_hand_out_or_fetch_is_closed(visitor: httpx.Client, path: str) -> None:
    answer = visitor.get(f"/gradio_api/{path}")
    assert (answer.status_code, answer.content) == (404, b"")


def test_the_folders_of_data_and_videos_are_closed(studio: StudioProcess, visitor: httpx.Client) -> None:
    job = studio.wait(visitor, studio.submit(visitor, "Not by its path")["id"])
    video = next(studio.output_dir.rglob(f"*{job['id'][-8:]}.mp4"))
    for path in (video, studio.data_dir / "studio.db", studio.data_dir / "secret"):
        assert path.is_file()
        assert visitor.get(f"/gradio_api/file={path}").status_code in (403, 404)


def test_an_uploaded_file_is_served_without_an_echo_of_the_cookie(visitor: httpx.Client, tmp_path: Path) -> None:
    uploaded = visitor.post("/gradio_api/upload", files={"files": ("a.bin", b"0123456789")}).json()[0]
    answer = visitor.get(f"/gradio_api/file={uploaded}", headers={"Range": "bytes=2-5"})
    assert answer.status_code == 206
    assert answer.content.startswith(b"2345")
    assert visitor.cookies["happyhorse"] not in str(answer.headers)


def test_what_never_changes_is_kept_by_the_browser_and_nothing_is_sniffed(visitor: httpx.Client) -> None:
    page = visitor.get("/")
    script = page.text.partition('src="./assets/')[2].partition('"')[0]
    asset = visitor.get(f"/assets/{script}")
    assert asset.status_code == 200
    assert "immutable" in asset.headers["cache-control"]
    for answer in (page, asset, visitor.get(JOBS)):
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.slow
def test_on_a_space_the_cookie_may_stand_in_a_frame_of_another_site(tmp_path: Path) -> None:
    with StudioProcess(tmp_path, SPACE_ID="someone/happyhorse") as studio:
        header = httpx.get(studio.url, timeout=30).headers["set-cookie"]
        for part in ("__Host-happyhorse=", "; Secure", "; SameSite=None", "; Partitioned", "; HttpOnly", "; Path=/"):
            assert part in header
        assert "domain" not in header.lower()  # __Host- forbids it
        cookie = header.partition(";")[0]
        assert httpx.get(studio.url, headers={"Cookie": cookie}, timeout=30).headers["set-cookie"] == header


def test_who_comes_through_a_proxy_on_this_machine_is_not_taken_for_its_owner(stranger: httpx.Client) -> None:
    assert len(stranger.get("/healthz").json()) > 1
    for header, value in (("X-Forwarded-For", "192.0.2.7"), ("X-Forwarded-Proto", "https"), ("Forwarded", "for=x")):
        assert stranger.get("/healthz", headers={header: value}).json() == {"ok": True}
