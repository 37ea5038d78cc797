from __future__ import annotations

import itertools
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio.queueing import Event
from starlette.requests import Request

from studio.web.edge.answers import Refused
from studio.web.edge.endpoints import MOST_OF_NETWORK, Endpoints
from studio.web.edge.gradio import OPEN
from studio.web.shell.blocks import StudioBlocks
from tests.edge.serving import made
from tests.studio_process import StudioProcess

CLOSED = {
    "/gradio_api/component_server": "calls a component's functions: none has any",
    "/gradio_api/component_server/": "as above",
    "/gradio_api/custom_component/{id}/{environment}/{type}/{file_name}": "files of packages that are not installed",
    "/gradio_api/deep_link": "writes what a visitor typed into a file for everybody",
    "/gradio_api/dev/reload": "for developers",
    "/gradio_api/file/{path:path}": "a second way to the files, of old",
    "/gradio_api/login_check": "a way in that the studio does not use",
    "/gradio_api/login_check/": "as above",
    "/gradio_api/openapi.json": "what /info says, once more",
    "/gradio_api/process_recording": "takes a file and runs ffmpeg on it",
    "/gradio_api/proxy={url_path:path}": "fetches for anyone",
    "/gradio_api/queue/status": "tells what others do",
    "/gradio_api/run-history/buckets": "keeps what visitors typed",
    "/gradio_api/run-history/connect": "as above",
    "/gradio_api/run-history/records": "as above",
    "/gradio_api/run-history/records/{endpoint}/{record_id}/assets/{asset_id}": "as above",
    "/gradio_api/runs": "as above",
    "/gradio_api/runs/": "as above",
    "/gradio_api/stream/{event_id}": "streams of components that the page does not have",
    "/gradio_api/stream/{event_id}/close": "as above",
    "/gradio_api/stream/{session_hash}/{run}/{component_id}/playlist-file": "as above",
    "/gradio_api/stream/{session_hash}/{run}/{component_id}/playlist.m3u8": "as above",
    "/gradio_api/stream/{session_hash}/{run}/{component_id}/{segment_id}.{ext}": "as above",
    "/gradio_api/theme.css": "the page asks for /theme.css",
    "/gradio_api/token": "a way in that the studio does not use",
    "/gradio_api/token/": "as above",
    "/gradio_api/undo-vibe-edit": "edits the program",
    "/gradio_api/undo-vibe-edit/": "as above",
    "/gradio_api/upload_progress": "names of files that others upload",
    "/gradio_api/user": "a way in that the studio does not use",
    "/gradio_api/user/": "as above",
    "/gradio_api/vibe-code": "edits the program",
    "/gradio_api/vibe-code/": "as above",
    "/gradio_api/vibe-edit": "as above",
    "/gradio_api/vibe-edit/": "as above",
    "/gradio_api/vibe-starter-queries": "as above",
    "/gradio_api/vibe-starter-queries/": "as above",
    "/login": "a way in that the studio does not use",
    "/login/": "as above",
    "/logout": "as above",
    "/monitoring": "what others do",
    "/monitoring/summary": "as above",
    "/monitoring/{key}": "as above",
    "/openapi.json": "FastAPI's own pages are off",
    "/pwa_icon": "the page cannot be installed",
    "/pwa_icon/{size}": "as above",
    "/svelte/{path:path}": "parts of pages that are served otherwise",
}
"""Routes of Gradio that nobody may ask, and why. What a new version brings stands neither here nor in OPEN."""


def paths(routes: Iterable[Any]) -> Iterator[str]:
    """Every route of an app as it is spelled, mounted and included ones too."""
    for route in routes:
        if hasattr(route, "effective_route_contexts"):
            yield from paths(route.effective_route_contexts())
        else:
            prefix = route.path
            below = list(getattr(route, "routes", None) or ())
            yield from (f"{prefix}{path}" for path in paths(below)) if below else [prefix]


def routes_of_gradio() -> set[str]:
    def app() -> gr.routes.App:
        with gr.Blocks(analytics_enabled=False) as page:
            gr.HTML("")
        return gr.routes.App.create_app(page)

    return set(paths(made(app).routes))


def pressed() -> StudioBlocks:
    """A page with one event."""
    with StudioBlocks(analytics_enabled=False) as page:
        gr.Button().click(lambda: None, api_name="press")
    return page


def test_somebody_has_judged_every_route_of_gradio() -> None:
    there = routes_of_gradio()
    assert {"/", "/gradio_api/queue/join", "/gradio_api/vibe-edit"} <= there  # it finds those that are included
    assert there - OPEN.keys() - CLOSED.keys() == set()


def test_nothing_is_open_that_is_not_there() -> None:
    there = routes_of_gradio()
    assert OPEN.keys() <= there
    assert not OPEN.keys() & CLOSED.keys()


def spellings(template: str) -> Iterator[str]:
    path = template.replace("{", "").replace("}", "").replace(":path", "")
    yield path
    yield path.replace("_", "%5F", 1)
    yield path.replace("gradio_api/", "gradio_api/../gradio_api/")


@pytest.mark.parametrize("template", sorted(CLOSED))
def test_what_is_closed_is_404_however_it_is_spelled(visitor_of_all: httpx.Client, template: str) -> None:
    for path in spellings(template):
        for method in ("GET", "POST"):
            answer = visitor_of_all.request(method, path)
            assert (answer.status_code, answer.content) == (404, b""), (method, path)


@pytest.mark.parametrize(
    "path",
    [
        "//gradio_api/config",
        "/gradio_api//config",
        "/Gradio_api/info",
        "/GRADIO_API/file=/etc/passwd",
        "/gradio_api/infox",
        "/gradio_api",
        "/nowhere",
        "/docs",
        "/redoc",
        "/.env",
    ],
)
def test_what_nobody_named_is_404(visitor_of_all: httpx.Client, path: str) -> None:
    assert visitor_of_all.get(f"{visitor_of_all.base_url}".rstrip("/") + path).status_code == 404


@pytest.mark.parametrize("path", ["/assets/" + "a" * 256, "/static/" + "\u00e9" * 128, "/assets/" + "a/" * 2048])
def test_a_name_that_no_file_can_have_is_404(visitor_of_all: httpx.Client, path: str) -> None:
    assert visitor_of_all.get(path).status_code == 404


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_page_that_is_none_of_gradios_is_the_page(visitor_of_all: httpx.Client, method: str) -> None:
    assert visitor_of_all.request(method, "/?page=none&deep_link=none").status_code == 200


@pytest.fixture(scope="module")
def visitor_of_all(studio_process: StudioProcess) -> Iterator[httpx.Client]:
    """One visitor for many questions."""
    with studio_process.visitor() as client:
        yield client


def upload(client: httpx.Client, name: str, content: bytes) -> str:
    path: str = client.post("/gradio_api/upload", files={"files": (name, content)}).raise_for_status().json()[0]
    return path


def test_an_uploaded_file_is_its_visitors_alone(
    studio: StudioProcess, visitor: httpx.Client, other: httpx.Client
) -> None:
    path = upload(visitor, "mine.png", b"only mine")
    with httpx.Client(base_url=studio.url, timeout=30) as script:
        assert visitor.get(f"/gradio_api/file={path}").content == b"only mine"
        for client in (other, script):
            for spelled in (path, f"/proc/self/root{path}", path.replace("/", "//")):
                for method in ("GET", "HEAD"):
                    assert client.request(method, f"/gradio_api/file={spelled}").status_code == 404, spelled
            for spelled in (path, f"/proc/self/root{path}", str(Path(path).parent / "x" / ".." / "mine.png")):
                for file in ({"path": spelled}, {"path": "", "url": spelled}):
                    data = {"data": [file | {"meta": {"_type": "gradio.FileData"}}, "", "", "", 0, True, -1]}
                    for way in ("run", "api", "call"):
                        refused = client.post(f"/gradio_api/{way}/image_to_video", json=data)
                        assert refused.status_code == 403, (way, spelled)
                        assert "You did not upload" in refused.json()["error"]
                    by_name = client.post("/studio/api/image_to_video", json={"first_frame": file})
                    assert by_name.status_code == 403


@pytest.mark.parametrize("length", [4095, 4096, 8000])
@pytest.mark.parametrize("way", ["/", "./", "../gradio/"])
def test_no_roundabout_way_leads_to_anothers_file(
    visitor: httpx.Client, other: httpx.Client, way: str, length: int
) -> None:
    path = Path(upload(visitor, "mine.png", b"only mine"))
    folder = path.parents[1]
    way = way.replace("gradio", folder.name)
    begin, end = f"{folder}/", f"/{path.relative_to(folder)}"
    times, rest = divmod(length - len(begin) - len(end), len(way))
    spelled = begin + way * times + "/" * rest + end
    for name in ("path", "url"):
        file = {"path": "", name: spelled, "meta": {"_type": "gradio.FileData"}}
        assert other.post("/gradio_api/run/image_to_video", json={"data": [file]}).status_code == 403
        assert other.post("/studio/api/image_to_video", json={"first_frame": file}).status_code == 403


def test_gradio_itself_fetches_no_address(visitor: httpx.Client) -> None:
    """It would read a whole answer into memory, whatever its encoding makes of it, and ask a server for names."""
    file = {"path": "http://127.0.0.1:1/a.png", "meta": {"_type": "gradio.FileData"}}
    answer = visitor.post("/gradio_api/run/image_to_video", json={"data": [file]})
    assert "127.0.0.1 is not a public address. Upload the file instead" in answer.json()["error"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        file["path"] = f"http://127.0.0.1:{server.getsockname()[1]}/a.png"
        for event in visitor.get("/config").json()["dependencies"]:
            for value in (file, [file], [{"a": file}]):
                body = {"data": [value] * len(event["inputs"]), "fn_index": event["id"], "session_hash": "fetches"}
                assert visitor.post("/gradio_api/run/predict", json=body).status_code == 400
        with pytest.raises(BlockingIOError):
            server.accept()


def test_the_same_content_belongs_to_each_who_brought_it(visitor: httpx.Client, other: httpx.Client) -> None:
    mine, theirs = (upload(client, "same.bin", b"the same") for client in (visitor, other))
    assert mine == theirs
    assert visitor.get(f"/gradio_api/file={mine}").content == other.get(f"/gradio_api/file={mine}").content


def test_a_script_without_a_token_uses_what_it_uploaded(studio: StudioProcess) -> None:
    with httpx.Client(base_url=studio.url, timeout=30) as script:
        path = upload(script, "script.bin", b"a script's")
        assert script.get(f"/gradio_api/file={path}").content == b"a script's"


def test_a_session_is_heard_and_spoken_in_by_who_began_it(visitor: httpx.Client, other: httpx.Client) -> None:
    call = {"data": ["", 1], "session_hash": "a-session-of-mine"}
    begun = visitor.post("/gradio_api/call/jobs", json=call).raise_for_status().json()["event_id"]
    result = f"/gradio_api/call/jobs/{begun}"
    assert other.get(result).status_code == 404
    for path in ("/gradio_api/queue/data?session_hash=a-session-of-mine", "/gradio_api/heartbeat/a-session-of-mine"):
        assert other.get(path).status_code == 403
    assert other.get("/gradio_api/queue/data%0A?session_hash=a-session-of-mine").status_code == 400
    for path in ("/gradio_api/call/jobs", "/gradio_api/run/jobs", "/gradio_api/api/jobs"):
        assert other.post(path, json=call).status_code == 403
    joined = {**call, "fn_index": 0}
    assert other.post("/gradio_api/queue/join", json=joined).status_code == 403
    for path in ("/gradio_api/cancel", "/gradio_api/reset"):
        for named in ({"session_hash": "a-session-of-mine", "fn_index": 0, "event_id": "x"}, {"event_id": begun}):
            assert other.post(path, json=named).status_code == 403
    assert "complete" in visitor.get(result).text


@pytest.mark.parametrize("path", ["run/nothing", "call/nothing", "call/v2/nothing", "api/nothing"])
def test_an_endpoint_that_is_not_there_is_404(visitor: httpx.Client, path: str) -> None:
    answer = visitor.post(f"/gradio_api/{path}", json={"data": []})
    assert answer.status_code == 404
    assert "This endpoint does not exist" in answer.json()["error"]


@pytest.mark.parametrize("number", [-1, 10**6, 10**400, "0", [1], 1.5, True, None])
@pytest.mark.parametrize("path", ["run/predict", "queue/join"])
def test_an_event_that_is_not_there_is_404(visitor_of_all: httpx.Client, path: str, number: Any) -> None:
    body = {"data": [], "fn_index": number, "session_hash": "x"}
    answer = visitor_of_all.post(f"/gradio_api/{path}", json=body)
    assert (answer.status_code, answer.json()["kind"]) == (404, "no_endpoint")


def test_no_event_is_an_incident_when_it_is_called_without_its_values(
    studio_process: StudioProcess, visitor_of_all: httpx.Client
) -> None:
    incidents = studio_process.output.count("Incident")
    events = visitor_of_all.get("/config").json()["dependencies"]
    for path, event in itertools.product(("run/predict", "queue/join"), events):
        body = {"data": [], "fn_index": event["id"], "session_hash": "x"}
        answer = visitor_of_all.post(f"/gradio_api/{path}", json=body)
        here = (200, 400) if event["backend_fn"] else (404,)
        assert answer.status_code in here, (path, event["id"], answer.text)
    assert studio_process.output.count("Incident") == incidents


MALFORMED = [
    *(("run/jobs", {"data": data}, "body.data") for data in (None, {}, "x", 5)),
    *((f"{way}/jobs", {}, "body.data") for way in ("run", "api", "call")),
    ("run/jobs", {"data": [], "batched": True}, "batched"),
    ("run/jobs", {"data": [], "trigger_id": "x"}, "body.trigger_id"),
    ("queue/join", {"fn_index": 0, "session_hash": "x"}, "body.data"),
    ("call/v2/jobs", [], "body"),
    ("call/v2/jobs", {"data": []}, "before, limit"),
    ("call/v2/text_to_video", {"model": ""}, "prompt"),
    ("cancel", {}, "body.session_hash"),
    ("reset", {}, "body.event_id"),
    *(("run/jobs", {"data": [], "session_hash": name}, "session_hash") for name in ("", 5, ["x"], "x" * 129)),
    *(("queue/join", {"data": [], "fn_index": 0, "session_hash": name}, "session_hash") for name in (None, "", 5)),
    ("run/jobs", {"data": ["", 1, 2]}, "3 values"),
    ("run/jobs", {"data": [{}, []]}, "limit"),
    ("run/predict", {"data": [], "fn_index": 0}, "prompt"),
]


@pytest.mark.parametrize(("path", "body", "told"), MALFORMED, ids=lambda value: str(value)[:40])
def test_a_call_that_is_none_is_told_so(
    studio_process: StudioProcess, visitor_of_all: httpx.Client, path: str, body: Any, told: str
) -> None:
    incidents = studio_process.output.count("Incident")
    answer = visitor_of_all.post(f"/gradio_api/{path}", json=body)
    assert answer.status_code == 400
    assert told in answer.json()["error"]
    assert studio_process.output.count("Incident") == incidents


def test_a_stream_of_a_session_that_is_not_there_is_no_incident(
    studio_process: StudioProcess, visitor_of_all: httpx.Client
) -> None:
    incidents = studio_process.output.count("Incident")
    assert "session_not_found" in visitor_of_all.get("/gradio_api/queue/data?session_hash=never-begun").text
    assert visitor_of_all.get("/gradio_api/queue/data?session_hash=").status_code == 400
    assert visitor_of_all.get("/gradio_api/queue/data").status_code == 400
    assert studio_process.output.count("Incident") == incidents


def test_what_is_for_a_session_that_is_forgotten_ends_no_queue() -> None:
    page = made(pressed)
    event = Event("forgotten", page.fns[0], httpx.Request("GET", "/"), None)  # type: ignore[arg-type]
    page._queue.create_event_queue_for_fn(event.fn)
    page._queue.event_queue_per_concurrency_id[event.concurrency_id].queue.append(event)
    page._queue.broadcast_estimations(event.concurrency_id)
    assert "forgotten" not in page._queue.pending_messages_per_session


def test_one_network_cannot_fill_the_queue() -> None:
    page = made(pressed)
    endpoints = Endpoints({"press"}, {0}, {}, page._queue)
    page._queue.create_event_queue_for_fn(page.fns[0])
    waiting = page._queue.event_queue_per_concurrency_id[page.fns[0].concurrency_id].queue
    for _ in range(MOST_OF_NETWORK):
        endpoints.judge("/gradio_api/call/press", {"data": []}, "192.0.2.1/32")
        request = Request({"type": "http", "state": {"network": "192.0.2.1/32"}})
        waiting.append(Event(None, page.fns[0], request, None))  # type: ignore[arg-type]
    with pytest.raises(Refused, match="much_arrives"):
        endpoints.judge("/gradio_api/call/press", {"data": []}, "192.0.2.1/32")
    endpoints.judge("/gradio_api/call/press", {"data": []}, "192.0.2.2/32")
    endpoints.judge("/gradio_api/run/press", {"data": []}, "192.0.2.1/32")


def test_events_have_a_bound(visitor: httpx.Client) -> None:
    for data in (["x" * (5 << 20)], ["/tmp/x"] * 501, ["a/" * 2000] * 400):
        assert visitor.post("/gradio_api/run/jobs", json={"data": data}).status_code == 413
    deep = b'{"data":' + b"[" * 15_000 + b"]" * 15_000 + b"}"
    headers = {"Content-Type": "application/json"}
    assert visitor.post("/gradio_api/run/jobs", content=deep, headers=headers).status_code == 400
