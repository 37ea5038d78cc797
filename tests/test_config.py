from __future__ import annotations

import codecs
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from studio.config import Settings, documented
from studio.errors import ConfigError
from studio.jobs.rows.store import Store

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, so that nobody's own credentials are read."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    return folder


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def load(tmp_path: Path, **environ: str) -> Settings:
    return Settings.load(environ, tmp_path / ".env")


def credentials(home: Path, content: str | bytes) -> None:
    path = home / ".alibabacloud" / "credentials"
    path.parent.mkdir()
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def key(settings: Settings) -> str | None:
    return settings.dashscope_api_key.get_secret_value() if settings.dashscope_api_key else None


def test_nothing_set_means_the_sandbox_on_this_machine_only(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert not settings.live
    assert (settings.host, settings.port) == ("127.0.0.1", 7860)
    assert settings.output_dir == Path("output").resolve()
    assert settings.database().database == str(Path("data").resolve() / "studio.db")


def test_the_environment_wins_over_the_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("STUDIO_PORT=7001\nSTUDIO_LOG_LEVEL='DEBUG'\n", "utf-8")
    settings = load(tmp_path, STUDIO_PORT="7002")
    assert (settings.port, settings.log_level) == (7002, "DEBUG")


def test_an_empty_value_counts_as_unset(tmp_path: Path) -> None:
    settings = load(tmp_path, STUDIO_PORT="", DASHSCOPE_API_KEY="", DATABASE_URL="", OUTPUT_DIR="")
    assert settings == load(tmp_path)


def test_gradios_own_names_are_understood_below_ours(tmp_path: Path) -> None:
    assert load(tmp_path, GRADIO_SERVER_NAME="0.0.0.0", GRADIO_SERVER_PORT="7005").port == 7005
    assert load(tmp_path, GRADIO_SERVER_PORT="7005", STUDIO_PORT="7006").port == 7006


@pytest.mark.parametrize(
    ("environ", "live"),
    [
        ({}, False),
        ({"DASHSCOPE_API_KEY": "sk-a"}, True),
        ({"DASHSCOPE_API_KEY": "sk-a", "STUDIO_PROVIDER": "sandbox"}, False),
        ({"DASHSCOPE_API_KEY": "sk-a", "STUDIO_PROVIDER": "dashscope"}, True),
    ],
)
def test_a_key_makes_it_live_unless_the_sandbox_is_asked_for(
    tmp_path: Path, environ: dict[str, str], live: bool
) -> None:
    assert load(tmp_path, **environ).live is live


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        (
            {"STUDIO_PROVIDER": "acme"},
            "STUDIO_PROVIDER is 'acme', but input should be 'auto', 'sandbox', 'dashscope' or 'aivideoapi'.",
        ),
        ({"STUDIO_PORT": "http"}, "STUDIO_PORT is 'http', but input should be a valid integer"),
        ({"STUDIO_PORT": "65536"}, "STUDIO_PORT is '65536', but input should be less than or equal to 65535."),
        ({"GRADIO_SERVER_PORT": "-1"}, "GRADIO_SERVER_PORT is '-1', but input should be greater than or equal to 0."),
        ({"STUDIO_POLL_SECONDS": "0"}, "STUDIO_POLL_SECONDS is '0', but input should be greater than 0."),
        ({"STUDIO_POLL_SECONDS": "nan"}, "STUDIO_POLL_SECONDS is 'nan', but"),
        ({"STUDIO_DAILY_LIMIT": "-1"}, "STUDIO_DAILY_LIMIT is '-1', but input should be greater than or equal to 0."),
        ({"STUDIO_DAILY_LIMIT": "much"}, "STUDIO_DAILY_LIMIT is 'much', but input should be a valid decimal."),
        ({"STUDIO_DAILY_LIMIT": "Infinity"}, "STUDIO_DAILY_LIMIT is 'Infinity', but input should be a finite number."),
        ({"STUDIO_KEEP_DAYS": "0"}, "STUDIO_KEEP_DAYS is '0', but input should be greater than or equal to 1."),
        ({"STUDIO_VISITOR_BYTES": "much"}, "STUDIO_VISITOR_BYTES is 'much', but must be a size such as 500MB"),
        ({"STUDIO_DISK_RESERVE": "5 cats"}, "STUDIO_DISK_RESERVE is '5 cats', but must be a size such as 500MB"),
        ({"STUDIO_LOG_LEVEL": "debug"}, "STUDIO_LOG_LEVEL is 'debug', but input should be 'DEBUG', 'INFO'"),
        ({"DASHSCOPE_REGION": "mars"}, "DASHSCOPE_REGION is 'mars', but must be one of beijing, singapore"),
        (
            {"DASHSCOPE_WORKSPACE": "evil.example/"},
            "DASHSCOPE_WORKSPACE is 'evil.example/', but must be the workspace's id alone",
        ),
        ({"DASHSCOPE_BASE_URL": "dashscope.aliyuncs.com"}, "but must begin with http:// or https://."),
        ({"AIVIDEOAPI_BASE_URL": "api.aivideoapi.ai"}, "but must begin with http:// or https://."),
        ({"STUDIO_PUBLIC_URL": "studio.example"}, "but must begin with http:// or https://."),
        ({"STUDIO_PUBLIC_URL": "https://ada@studio.example"}, "must be an address such as https://studio.example"),
        ({"STUDIO_PUBLIC_URL": "https://studio.example/?a=b"}, "must be an address such as https://studio.example"),
        ({"STUDIO_PUBLIC_URL": "https://studio.example:port"}, "must be an address such as https://studio.example"),
        ({"STUDIO_DATA_DIR": "/tmp/\udcff"}, r"STUDIO_DATA_DIR is '/tmp/\udcff', but must be text"),
        ({"STUDIO_HOSTS": "a\udcff"}, r"STUDIO_HOSTS is 'a\udcff', but must be text"),
        ({"STUDIO_SECRET": "a\0b"}, "STUDIO_SECRET: must be text"),
        ({"STUDIO_PUBLIC_URL": "https://"}, "must be an address such as https://studio.example"),
        (
            {"DASHSCOPE_API_KEY": "sk-hush\u2013a"},
            "DASHSCOPE_API_KEY: holds a sign that no key has (U+2013, at place 8)",
        ),
        (
            {"AIVIDEOAPI_KEY": "sk hush"},
            "AIVIDEOAPI_KEY: holds a sign that no key has (U+0020, at place 3): copy it anew",
        ),
        ({"STUDIO_S3_SECRET": "hush\nhush"}, "STUDIO_S3_SECRET: holds a sign that no key has (U+000A, at place 5)"),
        ({"STUDIO_ROOT_PATH": "/a b"}, "STUDIO_ROOT_PATH is '/a b', but must have a path of letters, digits and"),
        ({"STUDIO_ROOT_PATH": "/a/../b"}, "STUDIO_ROOT_PATH is '/a/../b', but must have a path of letters, digits and"),
        ({"STUDIO_ROOT_PATH": "/gradio_api"}, "begins with one of the studio's own: choose another"),
        ({"STUDIO_S3_ENDPOINT": "s3.example"}, "but must begin with http:// or https://."),
        ({"DATABASE_URL": "mysql://u:hush@h/d"}, "DATABASE_URL: must begin with postgresql:// or sqlite:///."),
        ({"DATABASE_URL": "postgres"}, "DATABASE_URL: must be a URL such as postgresql://user:password@host/name."),
    ],
)
def test_a_wrong_value_is_told_with_its_name_and_the_way_out(
    tmp_path: Path, environ: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, **environ)
    assert sentence in str(caught.value)
    assert "hush" not in str(caught.value)


def test_every_wrong_value_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, STUDIO_PORT="x", STUDIO_PROVIDER="y", DASHSCOPE_REGION="z")
    assert [line.split()[0] for line in str(caught.value).splitlines()] == [
        "STUDIO_PROVIDER",
        "DASHSCOPE_REGION",
        "STUDIO_PORT",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_an_env_file_is_read_as_any_editor_or_shell_writes_it(tmp_path: Path, encoding: str) -> None:
    text = "# 马\r\nSTUDIO_PORT=7001\r\nOUTPUT_DIR=视频\r\n"
    (tmp_path / ".env").write_bytes(text.encode(encoding))
    settings = load(tmp_path)
    assert (settings.port, settings.output_dir) == (7001, Path("视频").resolve())


def test_an_env_file_with_the_mark_of_the_other_byte_order_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(codecs.BOM_UTF16_BE + "STUDIO_PORT=7001\n".encode("utf-16-be"))
    assert load(tmp_path).port == 7001


def test_a_folder_in_the_place_of_the_env_file_is_none(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    assert load(tmp_path).port == 7860


@pytest.mark.parametrize("around", ["\u00a0", "\u200b", "\ufeff", "\u3000 \u2060", "\t\n"])
def test_what_a_copy_left_around_a_key_is_no_part_of_it(tmp_path: Path, home: Path, around: str) -> None:
    settings = load(tmp_path, DASHSCOPE_API_KEY=f"{around}sk-a{around}", AIVIDEOAPI_KEY=around)
    assert key(settings) == "sk-a"
    assert settings.aivideoapi_key is None
    credentials(home, "[default]\ndashscope_api_key = sk-b\u00a0\u200b\n")
    assert key(load(tmp_path)) == "sk-b"


@pytest.mark.parametrize("data", [b"STUDIO_PORT=\xff\xfe", b"OUTPUT_DIR=a\0b", "STUDIO_PORT=7001\n".encode("utf-32")])
def test_an_env_file_that_is_no_text_is_told(tmp_path: Path, data: bytes) -> None:
    (tmp_path / ".env").write_bytes(data)
    with pytest.raises(ConfigError, match=r"\.env cannot be read"):
        load(tmp_path)


def test_a_key_is_never_shown(tmp_path: Path) -> None:
    settings = load(tmp_path, DASHSCOPE_API_KEY="sk-hush", STUDIO_SECRET="hush")
    assert "hush" not in repr(settings) + str(settings) + settings.model_dump_json()


@pytest.mark.parametrize(
    "content",
    [
        "dashscope_api_key = sk-file",
        "[default]\ndashscope_api_key = sk-file\n",
        "[default]\r\ndashscope_api_key=sk-file\r\n",
        '\n# mine\n[default]\ntype = access_key\ndashscope_api_key = "sk-file"\n',
        "[default]\ntype = access_key\n\n[models]\ndashscope_api_key: 'sk-file'\n",
        "[default]\naccess_key_secret = 100%sure\nDASHSCOPE_API_KEY = sk-file\n",
        b"\xef\xbb\xbf[default]\ndashscope_api_key = sk-file\n",
        "[models]\nregion = x\n[default]\ndashscope_api_key = sk-file\n",
    ],
)
def test_the_key_is_found_in_the_credentials_file(tmp_path: Path, home: Path, content: str | bytes) -> None:
    credentials(home, content)
    settings = load(tmp_path)
    assert key(settings) == "sk-file"
    assert settings.live


@pytest.mark.parametrize("content", ["", "[default]\naccess_key_id = x\n", "[default]\ndashscope_api_key =\n"])
def test_a_credentials_file_without_the_key_is_no_key(tmp_path: Path, home: Path, content: str) -> None:
    credentials(home, content)
    assert key(load(tmp_path)) is None


def test_the_environments_key_wins_over_the_file(tmp_path: Path, home: Path) -> None:
    credentials(home, "dashscope_api_key = sk-file")
    assert key(load(tmp_path, DASHSCOPE_API_KEY="sk-environment")) == "sk-environment"


@pytest.mark.parametrize("content", ["[default\nbroken", b"\xff\xfe\x00", "[a]\nx = 1\n[a]\nx = 2\n"])
def test_a_broken_credentials_file_is_told_with_the_way_out(tmp_path: Path, home: Path, content: str | bytes) -> None:
    credentials(home, content)
    with pytest.raises(ConfigError, match=r"credentials cannot be read: .*Mend it or set DASHSCOPE_API_KEY"):
        load(tmp_path)
    assert key(load(tmp_path, DASHSCOPE_API_KEY="sk-environment")) == "sk-environment"


def test_a_live_start_without_a_key_says_the_three_ways_out(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, STUDIO_PROVIDER="dashscope").check()
    for way in ("DASHSCOPE_API_KEY", ".alibabacloud/credentials", "STUDIO_PROVIDER=sandbox"):
        assert way in str(caught.value)


@pytest.mark.parametrize(
    ("environ", "host"),
    [
        ({}, "https://dashscope.aliyuncs.com"),
        ({"DASHSCOPE_REGION": "singapore"}, "https://dashscope-intl.aliyuncs.com"),
        ({"DASHSCOPE_WORKSPACE": "llm-1"}, "https://llm-1.cn-beijing.maas.aliyuncs.com"),
        (
            {"DASHSCOPE_REGION": "virginia", "DASHSCOPE_WORKSPACE": "ws1"},
            "https://ws1.us-east-1.maas.aliyuncs.com",
        ),
        ({"DASHSCOPE_REGION": "token-plan"}, "https://token-plan.cn-beijing.maas.aliyuncs.com"),
        (
            {"DASHSCOPE_REGION": "token-plan", "DASHSCOPE_WORKSPACE": "llm-1"},
            "https://token-plan.cn-beijing.maas.aliyuncs.com",
        ),
        ({"DASHSCOPE_BASE_URL": "https://api.apiyi.com/wan"}, "https://api.apiyi.com/wan"),
        (
            {"DASHSCOPE_REGION": "frankfurt", "DASHSCOPE_WORKSPACE": "ws-1"},
            "https://ws-1.eu-central-1.maas.aliyuncs.com",
        ),
        ({"DASHSCOPE_REGION": "frankfurt", "DASHSCOPE_BASE_URL": "http://127.0.0.1:9"}, "http://127.0.0.1:9"),
    ],
)
def test_the_host_follows_the_region(tmp_path: Path, environ: dict[str, str], host: str) -> None:
    assert load(tmp_path, **environ).dashscope_host() == host


@pytest.mark.parametrize(
    ("environ", "providers"),
    [
        ({"AIVIDEOAPI_KEY": "sk-b"}, ("aivideoapi",)),
        ({"AIVIDEOAPI_KEY": "sk-b", "DASHSCOPE_API_KEY": "sk-a"}, ("dashscope", "aivideoapi")),
        (
            {"AIVIDEOAPI_KEY": "sk-b", "DASHSCOPE_API_KEY": "sk-a", "STUDIO_PROVIDER": "aivideoapi"},
            ("aivideoapi", "dashscope"),
        ),
        ({"AIVIDEOAPI_KEY": "sk-b", "DASHSCOPE_API_KEY": "sk-a", "STUDIO_PROVIDER": "sandbox"}, ()),
    ],
)
def test_every_key_makes_an_account_and_the_preferred_one_is_first(
    tmp_path: Path, environ: dict[str, str], providers: tuple[str, ...]
) -> None:
    assert load(tmp_path, **environ).providers == providers


def test_aivideoapi_is_asked_for_its_own_key(tmp_path: Path) -> None:
    settings = load(tmp_path, STUDIO_PROVIDER="aivideoapi", DASHSCOPE_API_KEY="sk-a")
    with pytest.raises(ConfigError, match="STUDIO_PROVIDER is aivideoapi but there is no key: set AIVIDEOAPI_KEY"):
        settings.check()


def test_a_key_of_aivideoapi_alone_asks_nothing_of_dashscope(tmp_path: Path) -> None:
    folders = {"STUDIO_DATA_DIR": str(tmp_path / "data"), "OUTPUT_DIR": str(tmp_path / "output")}
    load(tmp_path, AIVIDEOAPI_KEY="sk-b", DASHSCOPE_REGION="frankfurt", STUDIO_PORT="0", **folders).check()


@pytest.mark.parametrize(
    ("environ", "root"),
    [
        ({}, ""),
        ({"STUDIO_ROOT_PATH": "/"}, ""),
        ({"STUDIO_ROOT_PATH": "hh/films/"}, "/hh/films"),
        ({"GRADIO_ROOT_PATH": "/hh"}, "/hh"),
        ({"GRADIO_ROOT_PATH": "https://example.com/hh/"}, "/hh"),
        ({"STUDIO_PUBLIC_URL": "https://example.com/hh/"}, "/hh"),
        ({"STUDIO_PUBLIC_URL": "https://example.com", "STUDIO_ROOT_PATH": "/hh"}, "/hh"),
    ],
)
def test_the_path_is_told_or_that_of_the_public_address(tmp_path: Path, environ: dict[str, str], root: str) -> None:
    settings = load(tmp_path, **environ)
    assert settings.root_path == root
    if settings.public_url:
        assert settings.public_address == "https://example.com/hh"


def test_two_paths_are_one_too_many(tmp_path: Path) -> None:
    environ = {"STUDIO_PUBLIC_URL": "https://example.com/hh", "STUDIO_ROOT_PATH": "/films", "STUDIO_PORT": "0"}
    folders = {"STUDIO_DATA_DIR": str(tmp_path / "data"), "OUTPUT_DIR": str(tmp_path / "out")}
    with pytest.raises(
        ConfigError, match=r"STUDIO_PUBLIC_URL is .*, whose path is not STUDIO_ROOT_PATH /films: set both"
    ):
        load(tmp_path, **environ, **folders).check()


@pytest.mark.parametrize(
    ("environ", "address"),
    [
        ({}, None),
        ({"STUDIO_PUBLIC_URL": "https://studio.example/"}, "https://studio.example"),
        ({"SPACE_HOST": "ada-studio.hf.space"}, "https://ada-studio.hf.space"),
        ({"SPACE_HOST": "ada-studio.hf.space", "STUDIO_PUBLIC_URL": "https://mine.example"}, "https://mine.example"),
    ],
)
def test_the_public_address_is_told_or_found_on_a_space(
    tmp_path: Path, environ: dict[str, str], address: str | None
) -> None:
    assert load(tmp_path, **environ).public_address == address


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost",
        "http://localhost.:7860",
        "http://127.0.0.1:7860",
        "http://[::1]",
        "https://192.168.1.5",
        "http://nas",
        "http://nas.local",
        "http://[fd00::1]:80",
        "http://0.0.0.0",
        "http://app.localhost",
    ],
)
def test_a_public_address_that_the_internet_does_not_know_is_refused(tmp_path: Path, address: str) -> None:
    folders = {"STUDIO_DATA_DIR": str(tmp_path / "data"), "OUTPUT_DIR": str(tmp_path / "out"), "STUDIO_PORT": "0"}
    with pytest.raises(ConfigError, match=r"STUDIO_PUBLIC_URL is .*, which is no address in the internet: .* unset it"):
        load(tmp_path, STUDIO_PUBLIC_URL=address, **folders).check()
    # A cloud of one's own in the same network finds it.
    load(tmp_path, STUDIO_PUBLIC_URL=address, AIVIDEOAPI_BASE_URL="http://10.0.0.7", **folders).check()


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        (
            {"DASHSCOPE_API_KEY": "sk-sp-hush"},
            r"begins with sk-sp-: it is a key of the Token Plan.*Set DASHSCOPE_REGION=token-plan, or take a pay-as",
        ),
        (
            {
                "DASHSCOPE_API_KEY": "sk-sp-hush",
                "DASHSCOPE_BASE_URL": "https://token-plan.cn-beijing.maas.aliyuncs.com/api/v1",
            },
            r"it is a key of the Token Plan.*but DASHSCOPE_REGION is beijing. Set DASHSCOPE_REGION=token-plan",
        ),
        (
            {"DASHSCOPE_API_KEY": "sk-hush", "DASHSCOPE_REGION": "token-plan"},
            r"is no key of the Token Plan: those begin with sk-sp-.*beijing, singapore, virginia, frankfurt, tokyo",
        ),
    ],
)
def test_a_key_of_the_other_kind_of_region_is_named_with_the_region_that_is_meant(
    tmp_path: Path, environ: dict[str, str], sentence: str
) -> None:
    folders = {"STUDIO_DATA_DIR": str(tmp_path / "data"), "OUTPUT_DIR": str(tmp_path / "out"), "STUDIO_PORT": "0"}
    with pytest.raises(ConfigError, match=sentence) as caught:
        load(tmp_path, **environ, **folders).check()
    assert "hush" not in str(caught.value)
    load(tmp_path, **(environ | folders | {"DASHSCOPE_BASE_URL": "https://gate.example"})).check()
    load(tmp_path, **environ, **folders, STUDIO_PROVIDER="sandbox").check()


def test_part_of_a_bucket_is_none(tmp_path: Path) -> None:
    bucket = {"STUDIO_S3_ENDPOINT": "https://s3.example", "STUDIO_S3_BUCKET": "films", "STUDIO_S3_KEY_ID": "AKIA"}
    assert load(tmp_path).bucket() is None
    whole = load(tmp_path, **bucket, STUDIO_S3_SECRET="hush").bucket()
    assert whole == ("https://s3.example", "films", "us-east-1", "AKIA", SecretStr("hush"))
    with pytest.raises(ConfigError, match="STUDIO_S3_ENDPOINT is set but not STUDIO_S3_SECRET"):
        load(tmp_path, **bucket).check()


def test_a_region_with_a_workspaces_host_asks_for_the_workspace(tmp_path: Path) -> None:
    settings = load(tmp_path, DASHSCOPE_REGION="tokyo", DASHSCOPE_API_KEY="sk-a")
    with pytest.raises(ConfigError, match=r"DASHSCOPE_REGION tokyo .*set DASHSCOPE_WORKSPACE"):
        settings.check()


@pytest.mark.parametrize("name", ["OUTPUT_DIR", "STUDIO_DATA_DIR"])
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, name: str) -> None:
    file = tmp_path / "file"
    file.touch()
    folders = {"OUTPUT_DIR": str(tmp_path / "out"), "STUDIO_DATA_DIR": str(tmp_path / "data")}
    settings = load(tmp_path, STUDIO_PORT="0", **folders | {name: str(file / "below")})
    with pytest.raises(ConfigError, match=rf"{name} is .*below, which cannot be written .*set {name} to another"):
        settings.check()


def test_checking_makes_the_folders_and_leaves_nothing_in_them(tmp_path: Path) -> None:
    out, data = tmp_path / "a" / "out", tmp_path / "b" / "data"
    load(tmp_path, STUDIO_PORT="0", OUTPUT_DIR=str(out), STUDIO_DATA_DIR=str(data)).check()
    assert (list(out.iterdir()), list(data.iterdir())) == ([], [])


def test_a_port_in_use_is_told(tmp_path: Path, taken_port: int) -> None:
    settings = load(tmp_path, STUDIO_PORT=str(taken_port), OUTPUT_DIR=str(tmp_path), STUDIO_DATA_DIR=str(tmp_path))
    with pytest.raises(ConfigError, match=rf"STUDIO_PORT {taken_port} on 127\.0\.0\.1 .*set STUDIO_PORT to another"):
        settings.check()


@pytest.mark.parametrize("host", ["no-such-host.invalid", "203.0.113.7"])
def test_an_address_of_another_machine_is_told(tmp_path: Path, host: str) -> None:
    settings = load(
        tmp_path, STUDIO_HOST=host, STUDIO_PORT="7999", OUTPUT_DIR=str(tmp_path), STUDIO_DATA_DIR=str(tmp_path)
    )
    with pytest.raises(ConfigError, match=f"STUDIO_HOST.*{host}"):
        settings.check()


@pytest.mark.parametrize("name", ["a?b=c", "a%20b", "#1", "ü &;", "%(here)s", "a:b@c"])
def test_a_data_folder_has_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    Store(load(tmp_path, STUDIO_DATA_DIR=str(folder)).database()).close()
    assert (folder / "studio.db").is_file()
    assert [path for path in tmp_path.iterdir() if path.name != "home"] == [folder]


def test_postgresql_is_reached_by_its_modern_driver(tmp_path: Path) -> None:
    url = load(tmp_path, DATABASE_URL="postgresql://me:p%40ss@db:5433/studio").database()
    parsed = make_url(url)
    assert parsed.drivername == "postgresql+psycopg"
    assert (parsed.password, parsed.host, parsed.port, parsed.database) == ("p@ss", "db", 5433, "studio")
    assert load(tmp_path, DATABASE_URL="sqlite:////srv/jobs.db").database() == make_url("sqlite:////srv/jobs.db")


def test_every_setting_is_documented_by_a_sentence() -> None:
    rows = documented()
    assert len(rows) == len(Settings.model_fields)
    assert all(about and name == name.upper() for name, _, about in rows)


@pytest.mark.process
def test_the_program_says_what_is_wrong_and_ends_with_status_2(tmp_path: Path, taken_port: int) -> None:
    environ = os.environ | {
        "STUDIO_PORT": str(taken_port),
        "OUTPUT_DIR": str(tmp_path / "out"),
        "STUDIO_DATA_DIR": str(tmp_path / "data"),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, str(ROOT / "app.py")], cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"HappyHorse Studio cannot start. STUDIO_PORT {taken_port} ")
    assert "Traceback" not in done.stderr
