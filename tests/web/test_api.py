from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from tests.media.videos import make_video
from tests.servers import SandboxServer
from tests.studio_process import StudioProcess

ENDPOINTS = (
    "/text_to_video",
    "/image_to_video",
    "/reference_to_video",
    "/video_edit",
    "/job",
    "/jobs",
    "/cancel",
)


@pytest.fixture
def client(studio: StudioProcess, tmp_path: Path) -> Client:
    return connect(studio, tmp_path)


def connect(studio: StudioProcess, folder: Path, **headers: str) -> Client:
    return Client(studio.url, headers=headers, download_files=folder, verbose=False, analytics_enabled=False)


def small(client: Client, prompt: str = "A horse at dawn", **changes: Any) -> dict[str, Any]:
    settings = {"resolution": "720P", "duration": 3, "seed": 7} | changes
    job: dict[str, Any] = client.predict(prompt=prompt, **settings, api_name="/text_to_video")
    return job


def test_a_script_submits_follows_and_finds_its_jobs(studio: StudioProcess, client: Client, tmp_path: Path) -> None:
    job = small(client)
    assert (job["state"], job["settings"]["duration"], job["cost"]) == ("queued", 3, "¥2.70 estimated")
    mine = connect(studio, tmp_path, **{"X-Studio-Visitor": job["visitor"]})
    with httpx.Client(base_url=studio.url, headers={"X-Studio-Visitor": job["visitor"]}, timeout=30) as visitor:
        studio.wait(visitor, job["id"])
        found = mine.predict(job["id"], api_name="/job")
        assert found["state"] == "succeeded"
        assert len(visitor.get(found["video"]["url"]).content) == found["video"]["bytes"]
    second = small(mine, "Another")
    assert second["visitor"] == job["visitor"]
    page = mine.predict(api_name="/jobs")
    assert [one["id"] for one in page] == [second["id"], job["id"]]
    assert [one["id"] for one in mine.predict(before=second["id"], limit=1, api_name="/jobs")] == [job["id"]]
    assert len(mine.predict(limit=0, api_name="/jobs")) == 1


def test_what_is_left_out_is_the_models_default(client: Client) -> None:
    settings = client.predict(prompt="Bare", api_name="/text_to_video")["settings"]
    assert settings["model"] == "happyhorse-1.1-t2v"
    assert (settings["resolution"], settings["ratio"], settings["duration"]) == ("1080P", "16:9", 5)
    assert settings["watermark"] is True
    assert 0 <= settings["seed"] <= 2147483647


def test_a_script_cancels(studio: StudioProcess, cloud: SandboxServer, client: Client, tmp_path: Path) -> None:
    cloud.rules(hold="PENDING")
    job = small(client)
    mine = connect(studio, tmp_path, **{"X-Studio-Visitor": job["visitor"]})
    assert mine.predict(job["id"], api_name="/cancel")["state"] == "canceled"
    with pytest.raises(AppError, match="no longer possible"):
        mine.predict(job["id"], api_name="/cancel")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"prompt": " "}, r"^Write a prompt first\."),
        ({"seed": 2147483648}, r"^Seed is “2147483648”; it must be a whole number from 0 to 2147483647\.$"),
        ({"duration": 16}, r"^Duration is “16”; it must be a whole number from 3 to 15\.$"),
        ({"resolution": "8K"}, r"^Resolution is “8K”; it must be .*720P"),
        ({"ratio": "2:1"}, r"^Aspect ratio is “2:1”"),
        ({"model": "happyhorse-9"}, r"^Model version is “happyhorse-9”; it must be one of happyhorse-1\.1-t2v"),
        ({"prompt": "x" * 5001}, r"^Prompt is “5,001 characters”; it must be at most 5,000"),
    ],
)
def test_a_refusal_is_a_sentence_and_nothing_is_sent(
    cloud: SandboxServer, client: Client, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(AppError, match=sentence):
        small(client, **changes)
    assert cloud.statistics()["requests"]["create"] == 0


def picture(folder: Path, width: int = 640, height: int = 480) -> Path:
    path = folder / f"{width}x{height}.png"
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(path)
    return path


def test_files_go_along_with_a_job(studio: StudioProcess, client: Client, tmp_path: Path) -> None:
    image, video = handle_file(picture(tmp_path)), handle_file(make_video(tmp_path / "clip.mp4", seconds=3))
    frame = client.predict(first_frame=image, watermark=False, api_name="/image_to_video")
    mine = connect(studio, tmp_path, **{"X-Studio-Visitor": frame["visitor"]})
    both = mine.predict(references=[image, image], prompt="[Image 1] and [Image 2]", api_name="/reference_to_video")
    edit = mine.predict(video=video, prompt="At night", references=[image], api_name="/video_edit")
    assert frame["settings"]["watermark"] is False
    assert [one["name"] for one in both["settings"]["references"]] == ["640x480.png"] * 2
    assert edit["settings"]["video"]["name"] == "clip.mp4"
    with httpx.Client(base_url=studio.url, headers={"X-Studio-Visitor": frame["visitor"]}, timeout=30) as visitor:
        for job in (frame, both, edit):
            assert studio.wait(visitor, job["id"])["state"] == "succeeded"


def test_a_script_chooses_the_cloud_of_an_edit(both: StudioProcess, tmp_path: Path) -> None:
    client, video = connect(both, tmp_path), handle_file(make_video(tmp_path / "clip.mp4", seconds=3))

    def edit(**changes: str) -> str:
        job = client.predict(video=video, prompt="At night", **changes, api_name="/video_edit")
        return str(job["settings"]["provider"])

    assert edit() == edit(model="happyhorse-1.0-video-edit") == "dashscope"
    assert edit(provider="aivideoapi") == edit(provider="aivideoapi", model="happyhorse-1.0-video-edit") == "aivideoapi"
    with pytest.raises(AppError, match=r"^Provider is “elsewhere”; it must be one of dashscope, aivideoapi\.$"):
        edit(provider="elsewhere")


@pytest.mark.slow
def test_what_scripts_upload_does_not_stay(lonely: StudioProcess) -> None:
    url = f"{lonely.url}/gradio_api/upload"
    uploaded = Path(httpx.post(url, files={"files": ("mine.bin", lonely.url.encode())}, timeout=30).json()[0])
    assert uploaded.is_file()
    lonely.stop()
    stayed = uploaded.exists()
    lonely.restart()
    assert not stayed


def test_a_file_that_breaks_a_rule_or_was_never_given_is_refused(
    studio: StudioProcess, cloud: SandboxServer, client: Client, tmp_path: Path
) -> None:
    with pytest.raises(AppError, match=r"^640x100\.png is “100 px”; it must be "):
        client.predict(first_frame=handle_file(picture(tmp_path, 640, 100)), api_name="/image_to_video")
    for path in (str(studio.folder / "data" / "secret"), "/etc/passwd", "nothing.png", ""):
        stolen = {"path": path, "meta": {"_type": "gradio.FileData"}}
        data = {"data": [stolen, "", "", "", 0, True, -1]}
        answer = httpx.post(f"{studio.url}/gradio_api/run/image_to_video", json=data, timeout=30)
        assert answer.status_code in (400, 422)
        assert re.search("not uploaded to this studio|cannot be read", answer.text), answer.text
    assert cloud.statistics()["requests"]["create"] == 0


def test_anothers_job_is_as_good_as_none(studio: StudioProcess, client: Client, tmp_path: Path) -> None:
    job = small(client)
    somebody = connect(studio, tmp_path)
    for job_id in (job["id"], "0"):
        for endpoint in ("/job", "/cancel"):
            with pytest.raises(AppError, match="There is no video with the ID"):
                somebody.predict(job_id, api_name=endpoint)
    assert somebody.predict(api_name="/jobs") == []


def test_the_documentation_names_every_parameter_and_no_inner_event(client: Client) -> None:
    told = client.view_api(return_format="dict", print_info=False)
    assert isinstance(told, dict)
    assert set(told["named_endpoints"]) == set(ENDPOINTS)
    assert not told["unnamed_endpoints"]
    parameters = {one["parameter_name"]: one for one in told["named_endpoints"]["/text_to_video"]["parameters"]}
    assert list(parameters) == ["prompt", "model", "resolution", "ratio", "duration", "watermark", "seed"]
    assert [name for name, one in parameters.items() if not one["parameter_has_default"]] == ["prompt"]
    for endpoint, about in told["named_endpoints"].items():
        assert about["description"].endswith("."), endpoint
        for one in about["parameters"]:
            kind = one["python_type"]["type"]
            assert kind in ("str", "int", "bool") or "filepath" in kind, (endpoint, one["parameter_name"], kind)


def by_position(visitor: httpx.Client, endpoint: str, *values: Any) -> Any:
    body, headers = json.dumps({"data": values}), {"Content-Type": "application/json"}
    answer = visitor.post(f"/gradio_api/run/{endpoint}", content=body, headers=headers).json()
    return answer["data"][0] if "data" in answer else answer["error"]


def test_who_sends_values_by_position_may_leave_out_the_last(cloud: SandboxServer, visitor: httpx.Client) -> None:
    bare = by_position(visitor, "text_to_video", "A horse")
    assert (bare["settings"]["duration"], bare["settings"]["watermark"]) == (5, True)
    assert by_position(visitor, "text_to_video", "A horse", None, "720P", "16:9", 3)["settings"]["duration"] == 3
    assert by_position(visitor, "jobs") != []
    assert by_position(visitor, "text_to_video") == "The parameter prompt is missing."
    assert by_position(visitor, "text_to_video", *["A"] * 40).startswith("40 values were sent for ")


def test_a_program_without_gradio_sends_parameters_by_name(
    studio: StudioProcess, cloud: SandboxServer, visitor: httpx.Client
) -> None:
    def ask(endpoint: str, **parameters: Any) -> tuple[int, Any]:
        answer = visitor.post(f"/studio/api/{endpoint}", json=parameters)
        return answer.status_code, answer.json()

    status, job = ask("text_to_video", prompt="A horse", duration=3, resolution="720P")
    assert (status, job["cost"]) == (200, "¥2.70 estimated")
    assert ask("job", job_id=job["id"])[1]["id"] == job["id"]
    assert [one["id"] for one in ask("jobs")[1]] == [job["id"]]
    assert ask("text_to_video") == (400, {"error": "The parameter prompt is missing.", "kind": "invalid_request"})
    assert ask("text_to_video", promt="A horse")[1]["error"].startswith("promt is “A horse”; it must be one of prompt")
    assert ask("text_to_video", prompt="A", seed=True)[1]["error"].startswith(
        "Seed is “true”; it must be a whole number"
    )
    assert ask("job", job_id="0")[0] == 404
    status, answer = ask("make_tea")
    assert status == 404
    assert "Available: text_to_video, image_to_video" in answer["error"]
    studio.wait(visitor, job["id"])


WILD = (-1, [], {}, "x" * 1_000_000, 10**30, 3.5, [[]] * 10, "\ud800")


def test_no_value_of_an_endpoint_is_too_wild_for_a_sentence(cloud: SandboxServer, visitor: httpx.Client) -> None:
    plain = ["A horse", "", "720P", "16:9", 3, True, 2**40]  # a seed that is none: nothing is sent
    for place in range(6):
        for value in WILD:
            told = by_position(visitor, "text_to_video", *plain[:place], value, *plain[place + 1 :])
            assert "; it must be " in told, (place, value)
            assert len(told) < 400
    for file in (5, "x", [1], {}, {"path": "\0"}, {"path": ["x"]}, {"sha256": "../secret"}, {"sha256": "0" * 64}):
        for endpoint, given in (("image_to_video", file), ("reference_to_video", [file]), ("video_edit", file)):
            told = by_position(visitor, endpoint, given, "A horse")
            assert isinstance(told, str), (endpoint, file)
            assert "object has no" not in told
            assert "not uploaded" in told or "it must be" in told or "A file is missing" in told, (endpoint, file, told)
    assert "it must be a list of 0 to 9" in by_position(visitor, "reference_to_video", [{"path": "a"}] * 100, "A")
    for endpoint, values in (("jobs", ["\0", []]), ("jobs", [7]), ("job", [7]), ("cancel", ["\0"]), ("job", [[]])):
        assert isinstance(by_position(visitor, endpoint, *values), str)
    assert cloud.statistics()["requests"]["create"] == 0
