"""Opens the store that a URL and a file of options name. Credentials are read here and told nowhere."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import yaml

from merger.errors import Refused
from merger.systems.files.failing import StoreFailed
from merger.systems.files.store import FileStore
from merger.systems.profile import FilesAt

SFTP_OPTIONS = {"username", "password", "client_keys", "passphrase", "known_hosts"}
S3_OPTIONS = {"key", "secret", "token", "endpoint_url", "region", "anon"}


def open_files(at: FilesAt, beside: Path, name: str) -> FileStore:
    """Opens the store of a system. `beside`: the folder of the file that names it; `name`: for messages.

    Raises Refused where what is said of it is no store, StoreFailed where it cannot be reached.
    """
    if at.path:
        return _folder(beside / at.path, name)
    url = _url(at, name)
    options = _options(at, beside, name)
    parts = _split(url, name)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return _folder(Path(unquote(parts.path)), name)
    if parts.scheme == "sftp" and parts.hostname:
        return _sftp(parts, _known(options, SFTP_OPTIONS, name), beside, name)
    if parts.scheme == "s3" and parts.netloc:
        return _s3(parts, _known(options, S3_OPTIONS, name), name)
    raise Refused("files.unknown-url", store=name)


def _url(at: FilesAt, name: str) -> str:
    if at.url:
        if _split(at.url, name).password:
            raise Refused("files.password-in-url", store=name)
        return at.url
    if not at.url_env:
        raise Refused("files.no-place", store=name)
    url = os.environ.get(at.url_env, "")
    if not url:
        raise Refused("files.no-url", variable=at.url_env, store=name)
    return url


def _split(url: str, name: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise Refused("files.unknown-url", store=name) from error
    if parts.query or parts.fragment:  # a folder with ? or # in its name would be cut off there
        raise Refused("files.unknown-url", store=name)
    return parts


def _options(at: FilesAt, beside: Path, name: str) -> Mapping[str, Any]:
    if not at.options:
        return {}
    try:
        read = yaml.safe_load((beside / at.options).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        read = None  # what went wrong may quote a password
    if not isinstance(read, dict):
        raise Refused("files.options-unreadable", file=at.options, store=name)
    return read


def _known(options: Mapping[str, Any], known: set[str], name: str) -> dict[str, Any]:
    if unknown := sorted(str(one) for one in set(options) - known):
        raise Refused("files.unknown-option", option=unknown[0], known=", ".join(sorted(known)), store=name)
    return dict(options)


def _folder(root: Path, name: str) -> FileStore:
    from merger.systems.files.local import LocalStore

    return LocalStore(root, name)


def _sftp(parts: SplitResult, options: dict[str, Any], beside: Path, name: str) -> FileStore:
    try:
        from merger.systems.files.sftp import SftpStore
    except ImportError as error:
        raise StoreFailed("not-installed", name, extra="sftp") from error
    for one in ("client_keys", "known_hosts"):
        if one in options:
            named = options[one] if isinstance(options[one], list) else [options[one]]
            options[one] = [str(beside / file) for file in named]
    if "known_hosts" in options:
        options["known_hosts"] = options["known_hosts"][0]
    given = {"port": parts.port, "username": parts.username, "password": parts.password}
    options |= {key: unquote(str(one)) if key != "port" else one for key, one in given.items() if one}
    assert parts.hostname is not None
    return SftpStore(parts.hostname, unquote(parts.path), name, options)


def _s3(parts: SplitResult, options: dict[str, Any], name: str) -> FileStore:
    try:
        from merger.systems.files.s3 import S3Store
    except ImportError as error:
        raise StoreFailed("not-installed", name, extra="s3") from error
    if parts.username:
        options |= {"key": unquote(parts.username), "secret": unquote(parts.password or "")}
    if region := options.pop("region", None):
        options["client_kwargs"] = {"region_name": region}
    return S3Store(parts.hostname or "", unquote(parts.path), name, options)
