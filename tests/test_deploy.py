"""The configurations in ``deploy/``, with the real programs: rewritten only in ports, names and paths."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Error, Page, expect, sync_playwright

from tests import browser
from tests.media.videos import make_video
from tests.servers import ONE_REQUEST, ROOT
from tests.studio_process import StudioProcess

DEPLOY = ROOT / "deploy"
NAME = "studio.example.com"
CLIP = {"mode": "video-edit", "field": "video"}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    """A studio as docs/deploy.md sets it up, with the built-in sandbox."""
    settings = {"STUDIO_HOSTS": NAME, "STUDIO_TRUSTED_PROXIES": "127.0.0.1"}
    with StudioProcess(tmp_path_factory.mktemp("studio"), **settings) as process:
        yield process


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def nginx(studio: StudioProcess, folder: Path, port: int, root: str) -> list[str]:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    text = (DEPLOY / "nginx.conf").read_text()
    text = text.replace("http://127.0.0.1:7860", studio.url)
    text = text.replace("location / {", f"location {root}/ {{")
    text = re.sub(r"/etc/letsencrypt\S+/fullchain.pem", str(certificate), text)
    text = re.sub(r"/etc/letsencrypt\S+/privkey.pem", str(key), text)
    text = re.sub(r"\n    listen \[::\].*", "", text)
    text = text.replace("listen 443", f"listen 127.0.0.1:{port}").replace(
        "listen 80;", f"listen 127.0.0.1:{free_port()};"
    )
    paths = "".join(f"{name}_temp_path {folder};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;" if Path("/root").is_dir() and Path("/root").owner() == Path(folder).owner() else ""
    whole = folder / "nginx.conf"
    whole.write_text(f"""
        {user} daemon off; pid {folder}/pid; error_log {folder}/error.log;
        events {{}}
        http {{ include /etc/nginx/mime.types; access_log off; gzip on; {paths}
        {text} }}
    """)
    return ["nginx", "-e", str(folder / "error.log"), "-c", str(whole)]


def caddy(studio: StudioProcess, folder: Path, port: int, root: str) -> list[str]:
    text = (DEPLOY / "Caddyfile").read_text()
    text = text.replace("127.0.0.1:7860", studio.url.removeprefix("http://"))
    if root:
        before, _, block = text.partition("\treverse_proxy")
        text = f"{before}\tredir {root} {root}/\n\thandle_path {root}/* {{\n\treverse_proxy{block}\n}}\n"
    text = text.replace(f"\n{NAME} {{", f"\nhttps://{NAME}:{port} {{\n\tbind 127.0.0.1\n\ttls internal")
    options = ("admin off", "skip_install_trust", "auto_https disable_redirects", f"storage file_system {folder}/store")
    local = "\n".join(("{", *options, "}", ""))
    whole = folder / "Caddyfile"
    whole.write_text(local + text)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(whole)]


Configured = Callable[[StudioProcess, Path, int, str], list[str]]
BOTH = pytest.mark.parametrize("how", [nginx, caddy], ids=lambda how: how.__name__)


@pytest.fixture
def visitor(how: Configured, studio: StudioProcess, tmp_path: Path) -> Iterator[httpx.Client]:
    """Someone who comes by that program, to the name in its configuration."""
    with coming(how, studio, tmp_path) as client:
        yield client


@contextlib.contextmanager
def coming(how: Configured, studio: StudioProcess, folder: Path, root: str = "") -> Iterator[httpx.Client]:
    program = how.__name__
    search = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"
    found = shutil.which(program) or shutil.which(program, path=search)
    if found is None:
        pytest.skip(f"{program} is not installed")
    port = free_port()
    command = [found, *how(studio, folder, port, root)[1:]]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env={"HOME": str(folder)})
    try:
        with Named(port) as client:
            deadline = time.monotonic() + 60
            while True:
                with contextlib.suppress(httpx.TransportError):
                    client.get(f"{root}/").raise_for_status()
                    break
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)
            yield client
    finally:
        process.terminate()
        process.wait(30)


class Named(httpx.Client):
    """Asks for the name in the configurations, at this machine's port."""

    def __init__(self, port: int) -> None:
        class ThisMachine(httpx.HTTPTransport):
            def handle_request(self, request: httpx.Request) -> httpx.Response:
                # Another one: cookies are kept for the address of the first.
                here = httpx.Request(
                    request.method,
                    request.url.copy_with(host="127.0.0.1"),
                    headers=request.headers,
                    stream=request.stream,
                    extensions={**request.extensions, "sni_hostname": NAME},
                )
                return super().handle_request(here)

        transport = ThisMachine(verify=False, limits=ONE_REQUEST)
        super().__init__(base_url=f"https://{NAME}:{port}", transport=transport, timeout=60)


@BOTH
def test_all_that_a_visitor_does_goes_through(visitor: httpx.Client, studio: StudioProcess) -> None:
    cookie = next(cookie for cookie in visitor.cookies.jar if "happyhorse" in cookie.name)
    assert cookie.secure  # the studio was told that the visitor came by https

    # A job to its end, with its news as they happen.
    began, seen = threading.Event(), list[tuple[str, str]]()

    def listen() -> None:
        with visitor.stream("GET", "/studio/events", headers={"Accept-Encoding": "gzip, br"}) as stream:
            assert "content-encoding" not in stream.headers
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    seen.extend((job["id"], job["state"]) for job in json.loads(line[6:]).get("jobs", ()))
                    began.set()
                if seen and seen[-1][1] == "succeeded":
                    return

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    assert began.wait(10), "nothing came by the event stream"
    job = studio.submit(visitor, "Through a proxy")
    job = studio.wait(visitor, job["id"])
    assert job["state"] == "succeeded"
    listener.join(10)
    assert not listener.is_alive(), seen
    assert (job["id"], "succeeded") in seen
    assert len({state for _, state in seen}) > 2  # as they happened, and not all at the end

    part = visitor.get(job["video"]["url"], headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.headers["content-range"] == f"bytes 100-199/{job['video']['bytes']}"
    assert part.content == visitor.get(job["video"]["url"]).content[100:200]


@BOTH
def test_a_video_of_fifty_megabytes_gets_through(visitor: httpx.Client, tmp_path: Path) -> None:
    clip = make_video(tmp_path / "clip.mp4", size="1280x720", rate="24", seconds=4).read_bytes()
    filler = 50_000_000 - len(clip)
    clip += filler.to_bytes(4) + b"free" + bytes(filler - 8)
    answer = visitor.post("/studio/files", params=CLIP | {"name": "clip.mp4"}, content=clip)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["kind"], answer.json()["verdict"]) == ("video", "pass")


@BOTH
def test_a_page_of_another_site_is_refused(visitor: httpx.Client) -> None:
    own = str(visitor.base_url).rstrip("/")
    ask = {"data": []}
    foreign = visitor.post("/gradio_api/run/jobs", json=ask, headers={"Origin": "https://other.example"})
    assert foreign.status_code == 403
    lies = {"Origin": "https://other.example", "X-Forwarded-Host": "other.example", "Forwarded": "host=other.example"}
    assert visitor.post("/gradio_api/run/jobs", json=ask, headers=lies).status_code == 403
    assert visitor.post("/gradio_api/run/jobs", json=ask, headers={"Origin": own}).status_code != 403


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioProcess]:
    """The same below a path."""
    settings = {"STUDIO_HOSTS": NAME, "STUDIO_TRUSTED_PROXIES": "127.0.0.1", "STUDIO_ROOT_PATH": "/hh"}
    with StudioProcess(tmp_path_factory.mktemp("below"), **settings) as process:
        yield process


@BOTH
def test_it_stands_below_a_path(how: Configured, below: StudioProcess, tmp_path: Path) -> None:
    with coming(how, below, tmp_path, "/hh") as visitor:
        moved = visitor.get("/hh")
        assert moved.is_redirect
        there = visitor.base_url.join(moved.headers["location"])
        assert (there.host, there.port, there.path) == (NAME, visitor.base_url.port, "/hh/")
        page = visitor.get("/hh/")
        script = page.text.partition('src="./assets/')[2].partition('"')[0]
        assert visitor.get(f"/hh/assets/{script}").status_code == 200
        cookie = next(cookie for cookie in visitor.cookies.jar if "happyhorse" in cookie.name)
        assert cookie.secure
        own = str(visitor.base_url).rstrip("/")
        small = {"prompt": "Below a path", "resolution": "720P", "duration": 3}
        answer = visitor.post("/hh/studio/api/text_to_video", json=small, headers={"Origin": own})
        job_id = answer.raise_for_status().json()["id"]
        job = visitor.get(f"/hh/studio/jobs/{job_id}").raise_for_status().json()
        assert job["settings"]["duration"] == 3
        assert visitor.post("/hh/gradio_api/run/jobs", json={"data": []}).json()["data"][0][0]["id"] == job_id
        assert b"jobs" not in visitor.get("/studio/jobs").content


FRAMING = """
    {{
        admin off
        skip_install_trust
        auto_https disable_redirects
        storage file_system {folder}/store
    }}
    https://ada-studio.hf.space:{port} {{
        bind 127.0.0.1
        tls internal
        reverse_proxy {studio}
    }}
    https://huggingface.co:{port}, https://other.example:{port} {{
        bind 127.0.0.1
        tls internal
        header Content-Type text/html
        respond "<!doctype html><iframe src='https://ada-studio.hf.space/' width=1300 height=900></iframe>"
    }}
"""


def test_a_space_works_in_the_frame_of_its_site_and_of_no_other(tmp_path: Path) -> None:
    if (program := shutil.which("caddy")) is None:
        pytest.skip("caddy is not installed")
    port = free_port()
    # A browser keeps no cookie of a site in another's frame, unless it is made for that: by https alone.
    names = ", ".join(f"MAP {name}:443 127.0.0.1:{port}" for name in ("*.hf.space", "huggingface.co", "other.example"))
    arguments = ["--no-sandbox", "--test-third-party-cookie-phaseout", f"--host-resolver-rules={names}"]
    with StudioProcess(tmp_path / "studio", SPACE_ID="ada/studio", SPACE_HOST="ada-studio.hf.space") as studio:
        sites = FRAMING.format(folder=tmp_path, port=port, studio=studio.url)
        (tmp_path / "Caddyfile").write_text(sites)
        run = [program, "run", "--adapter", "caddyfile", "--config", str(tmp_path / "Caddyfile")]
        process = subprocess.Popen(run, stderr=subprocess.DEVNULL, env={"HOME": str(tmp_path)})
        try:
            with sync_playwright() as playwright:
                chrome = playwright.chromium.launch(executable_path=browser.find(), args=arguments)
                page = chrome.new_context(ignore_https_errors=True, locale="en").new_page()
                complaints: list[str] = []
                page.on("console", lambda said: complaints.append(said.text))
                reach(page, "https://huggingface.co/")
                frame = page.frame_locator("iframe")
                frame.locator("#t2v-prompt").fill("A horse in a frame")
                frame.locator("#t2v-prompt").press("Control+Enter")
                card = frame.locator("article.stage")
                expect(card).to_have_attribute("data-state", "succeeded", timeout=120_000)
                with page.expect_download() as download:
                    card.get_by_role("link", name="Download").click()
                assert download.value.suggested_filename.endswith(".mp4")
                assert download.value.path().read_bytes()[4:8] == b"ftyp"
                assert [said for said in complaints if "Content Security Policy" in said] == []
                (cookie,) = page.context.cookies()
                assert (cookie["sameSite"], cookie["secure"]) == ("None", True)
                complaints.clear()
                reach(page, "https://other.example/")
                page.wait_for_timeout(1000)
                assert [said for said in complaints if "frame-ancestors" in said]
                chrome.close()
        finally:
            process.terminate()
            process.wait(30)


def reach(page: Page, address: str) -> None:
    """Go there as soon as somebody listens."""
    deadline = time.monotonic() + 30
    while True:
        with contextlib.suppress(Error):
            page.goto(address)
            return
        assert time.monotonic() < deadline
        time.sleep(0.2)
