"""Links to files: nobody can make one, and none lasts."""

from __future__ import annotations

from studio.media.links import LIFETIME, PATH, Links
from studio.system.clock import Clock

FILE = "ab" * 32
OTHER = "cd" * 32
LINKS = Links("https://studio.example", b"secret")


def token(url: str) -> str:
    base = "https://studio.example" + PATH
    assert url.startswith(base)
    return url.removeprefix(base)


def test_a_link_names_its_file_while_it_lasts() -> None:
    now = [1_750_000_000.0]
    links = Links("https://studio.example", b"secret", Clock(wall=lambda: now[0]))
    made = token(links.to(FILE, ".png"))
    assert made.endswith(".png")
    assert links.read(made) == FILE
    assert Links("http://127.0.0.1:7860", b"secret", Clock(wall=lambda: now[0])).read(made) == FILE
    now[0] += LIFETIME + 2
    assert links.read(made) is None


def test_no_part_of_a_link_can_be_changed() -> None:
    expires, _, signature = token(LINKS.to(FILE)).split("-")
    for forged in (
        f"{int(expires) + 1}-{FILE}-{signature}",
        f"{expires}-{OTHER}-{signature}",
        f"{expires}-{FILE}-{'0' * 64}",
        f"{expires}-{FILE}",
        f"-{FILE}-{signature}",
        f"{expires}-{FILE}-{signature}/../x",
        f"{expires}-{FILE.upper()}-{signature}",
        f"{expires}-{FILE}-{signature}\n",
        "",
        "٣" * 10 + f"-{FILE}-{signature}",
    ):
        assert LINKS.read(forged) is None


def test_another_studios_link_is_none() -> None:
    assert LINKS.read(token(Links("https://studio.example", b"other").to(FILE))) is None
