"""Files that pages load: read once, served from memory under a path that holds their digest."""

import gzip
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable

PREFIX = "/static"
MEDIA = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file's bytes, the same packed by gzip, and its media type."""

    content: bytes
    packed: bytes
    media: str


@cache
def _assets() -> tuple[dict[str, str], dict[str, Asset]]:
    urls: dict[str, str] = {}
    assets: dict[str, Asset] = {}

    def look(folder: Traversable, place: str) -> None:
        for item in folder.iterdir():
            name = place + item.name
            if item.is_dir():
                look(item, f"{name}/")
                continue
            media = MEDIA.get("." + item.name.rpartition(".")[2])
            if media is not None:
                content = item.read_bytes()
                key = f"{sha256(content).hexdigest()[:16]}/{name}"
                urls[name] = f"{PREFIX}/{key}"
                assets[key] = Asset(content, gzip.compress(content, 6, mtime=0), media)

    look(resources.files("merger.review") / "static", "")
    return urls, assets


def read() -> None:
    """Reads and packs all files, for which the first page would else wait."""
    _assets()


def url_of(name: str) -> str:
    """Where `static/<name>` is served, as in `review.css`. Raises KeyError for what there is not."""
    return _assets()[0][name]


def asset(key: str) -> Asset | None:
    """What is served under `/static/<key>`; nothing but what is listed can be asked for."""
    return _assets()[1].get(key)


def vendored(beginning: str) -> str:
    """The name of the one vendored script that begins so, as in `htmx-`."""
    (name,) = (name for name in _assets()[0] if name.startswith(f"vendor/{beginning}"))
    return name
