"""Clients that send too much, too slowly or too often, each tried against a real server on a socket."""

import contextlib
import io
import socket
import time
import zipfile

import pytest
from starlette.testclient import TestClient

from merger.mapping.archive import office_file
from merger.review import Settings
from merger.review.web.app import all_pages, create
from merger.review.web.assets import url_of, vendored
from merger.review.web.pages import Page
from merger.review.web.rights import Right
from tests.review.web.browsing import Browser
from tests.review.web.conftest import served

HTML = "text/html; charset=utf-8"
SCRIPT_IN_ADDRESS = "%3Cscript%3Ealert(1)%3C%2Fscript%3E"
SCRIPT = '</script><script>alert(1)</script><img src=x onerror="alert(2)">\'"'
GETS = [page for page in all_pages() if "GET" in page.methods]


def answered(port, request, seconds=5.0):
    """What a server says to raw bytes, until it closes or the time is over."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as line:
        line.sendall(request)
        return received(line, seconds)


def received(line, seconds=5.0):
    line.settimeout(seconds)
    content = b""
    try:
        while piece := line.recv(65_536):
            content += piece
    except (TimeoutError, ConnectionError):
        pass
    return content


def keep_sending(line):
    """Sends a little for half a second. Raises ConnectionError where the other side has given up."""
    for _ in range(25):
        line.sendall(b"X")
        time.sleep(0.02)


def head(path="/sign-in", method="GET", port=0, **headers):
    lines = [f"{method} {path} HTTP/1.1", f"Host: {headers.pop('host', f'127.0.0.1:{port}')}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


# --- path in an identifier


def test_a_path_upwards_in_a_raw_request_leads_nowhere(office):
    with served(office) as port:
        for path in (
            "/static/../../pyproject.toml",
            "/static//etc/passwd",
            "/../../etc/passwd",
            "//etc/passwd",
        ):
            assert answered(port, head(path, port=port, Connection="close")).startswith(b"HTTP/1.1 404 ")


# --- too much


def test_an_upload_that_announces_too_much_is_refused_before_it_is_sent(office):
    with served(office) as port:
        answer = answered(port, head(method="POST", port=port, Content_Length=10**10), 1)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert "Dữ liệu quá lớn".encode() in answer


def test_an_upload_without_an_end_is_refused_at_the_limit(office):
    with served(office, head=1.0) as port, socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(head(method="POST", port=port, Transfer_Encoding="chunked",
                          Content_Type="application/x-www-form-urlencoded"))  # fmt: skip
        piece = b"1000\r\n" + b"a" * 4096 + b"\r\n"
        start = time.perf_counter()
        line.sendall(piece * 8)
        assert line.recv(13) == b"HTTP/1.1 413 "
        with contextlib.suppress(OSError):
            while time.perf_counter() - start < 5:
                line.sendall(piece)
        assert time.perf_counter() - start < 3


def test_what_is_too_much_in_other_ways_is_refused(office):
    with served(office) as port:
        assert answered(port, head("/" + "a" * 5000, port=port), 1).startswith(b"HTTP/1.1 414 ")
        assert answered(port, head(port=port, X="a" * 20_000), 1).startswith(b"HTTP/1.1 431 ")
        assert answered(port, b"GET / HTTP/1.1\r\nX: " + b"a" * 300_000).startswith(b"HTTP/1.1 400 ")
        assert answered(port, head(method="POST", port=port, Content_Length="-1")).startswith(
            b"HTTP/1.1 400 "
        )
        both = head(method="POST", port=port, Content_Length="5", Transfer_Encoding="chunked") + b"0\r\n\r\n"
        assert answered(port, both + head("/accounts", port=port), 2).count(b"HTTP/1.1 200") == 0


def test_too_many_fields_and_files_are_refused(browser):
    reader = browser("reader")
    assert reader.post("/language", {f"field-{n}": "" for n in range(1000)}).status_code == 413
    files = [("file", (f"{n}.txt", b"x")) for n in range(21)]
    assert reader.post("/accounts/add", files=files).status_code == 403
    administrator = browser("administrator")
    assert administrator.post("/accounts/add", files=files).status_code == 400


@pytest.fixture
def bomb():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<a>" + b" " * 150_000_000 + b"</a>")
    assert len(content.getvalue()) < 200_000
    return content.getvalue()


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(folder, bomb, tmp_path):
    def handle(visit):
        upload = visit.form["file"]
        kept = tmp_path / "upload.xlsx"
        kept.write_bytes(upload.file.read())
        office_file(kept, "XLSX")
        raise AssertionError

    page = Page("/upload", "test.upload", Right.DECIDE, handle, ("POST",))
    settings = Settings(folder, token="token", hosts=("testserver",))
    app = create(settings, [*all_pages(), page])
    browser = Browser(TestClient(app, follow_redirects=False))
    browser.enter("token")
    answer = browser.post("/upload", files={"file": ("a.xlsx", bomb)})
    assert answer.status_code == 422
    assert "DOC031" in answer.text


# --- too slow, too many


def test_a_head_that_drips_ends_in_time_while_others_are_served(office):
    with served(office, head=0.6) as port:
        lines = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(20)]
        start = time.perf_counter()
        for line in lines:
            line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        assert answered(port, head(port=port, Connection="close")).startswith(b"HTTP/1.1 200 ")

        def drip(line):
            try:
                while time.perf_counter() - start < 5:
                    line.sendall(b"X: y\r\n")
                    time.sleep(0.1)
            except OSError:
                return time.perf_counter() - start
            return None

        ended = drip(lines[0])
        assert ended is not None
        assert ended < 3
        for line in lines:
            line.close()


def test_a_body_that_drips_ends_in_time(office):
    with served(office, piece=0.3, body=1.0) as port:
        for pieces, least in ((0, 0.2), (100, 0.8)):
            start = time.perf_counter()
            with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
                line.sendall(head(method="POST", port=port, Content_Length="500", Connection="close",
                                  Content_Type="application/x-www-form-urlencoded"))  # fmt: skip
                try:
                    for _ in range(pieces):
                        line.sendall(b"a")
                        time.sleep(0.1)
                except OSError:
                    pass
                answer = received(line, 3)
            assert least < time.perf_counter() - start < 14
            assert answer.startswith(b"HTTP/1.1 408 ") or answer == b""


@pytest.mark.parametrize("kept_alive", [True, False])
def test_an_answer_that_nobody_takes_is_given_up(office, kept_alive):
    with served(office, answer=0.4, idle=1) as port, socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", port))
        address = url_of(vendored("echarts-"))
        last = head(address, port=port) if kept_alive else head(address, port=port, Connection="close")
        line.sendall(head(address, port=port) * 20 + last)
        time.sleep(1.5)
        with pytest.raises(ConnectionError):
            keep_sending(line)


def test_one_address_cannot_hold_all_connections(office):
    with served(office, per_address=5, head=5.0) as port:
        lines = [socket.create_connection(("127.0.0.1", port), timeout=2) for _ in range(8)]
        time.sleep(0.3)
        ended = 0
        for line in lines:
            line.settimeout(0.2)
            try:
                ended += line.recv(1) == b""
            except ConnectionError:
                ended += 1
            except TimeoutError:
                pass
        assert ended == 3
        for line in lines:
            line.close()


def test_more_connections_than_there_is_room_for_are_told_so(office):
    with served(office, connections=4, head=5.0) as port:
        lines = [socket.create_connection(("127.0.0.1", port), timeout=2) for _ in range(4)]
        time.sleep(0.2)
        assert answered(port, head(port=port)).startswith(b"HTTP/1.1 503 ")
        for line in lines:
            line.close()
