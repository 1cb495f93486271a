"""The pages of people, keys and signatures."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import Response

from merger.approval import is_withdrawal, load_trust, moment
from merger.errors import MergerError, Refused
from merger.report.words import Words
from merger.review.keys import contents, people, signing
from merger.review.keys.keeping import keep_approved
from merger.review.web.failures import Missing
from merger.review.web.pages import Page, Visit
from merger.review.web.rights import Right

LARGEST_ENVELOPE = 1 << 20


def index(visit: Visit) -> Response:
    """The people of each trust file, their keys, what they signed, and what is there to be signed."""
    desk = visit.desk
    items = contents.items(desk)
    now = moment(datetime.now(UTC))
    lists, broken = [], []
    for file in contents.trust_files(desk):
        place = file.relative_to(desk.folder).as_posix()
        try:
            trust = load_trust(file)
        except MergerError as error:
            broken.append((place, str(error)))
            continue
        listed = people.people(trust, now)
        signed = people.signatures(items, trust)
        lists.append((place, trust, listed, people.authorities(trust), signed))
    return visit.page("keys/index.html.j2", lists=lists, broken=broken, items=items)


def sign(visit: Visit) -> Response:
    """What is signed, who signed it, what is missing, and the ways to sign."""
    content = _content(visit)
    if visit.method == "GET":
        visit.noted(signing.SAW, _code(content), content.subject.sha256)
    return visit.page("keys/sign.html.j2", **_context(visit, content))


def signed(visit: Visit) -> Response:
    """Signs with a key that lies here or on a token."""
    content = _content(visit)
    try:
        approval = signing.sign(
            visit.desk,
            content,
            _field(visit, "key"),
            _field(visit, "secret"),
            _field(visit, "sha256"),
            visit.person.name,
            _person(visit, content),
        )
    except Refused as error:
        return _refused(visit, error)
    visit.noted("signed", _code(content), content.subject.sha256)
    keep_approved(visit.desk, content)
    return visit.to(_done(visit, "signed", approval.keyid))


def uploaded(visit: Visit) -> Response:
    """Takes a signature, or the withdrawal of one, that was made on the signer's own machine."""
    content = _content(visit)
    upload = visit.form.get("envelope")
    data = upload.file.read(LARGEST_ENVELOPE + 1) if isinstance(upload, UploadFile) else b""
    try:
        if is_withdrawal(data):
            signing.accept_withdrawal(content, data, _person(visit, content))
            visit.noted("withdrew", _code(content), content.subject.sha256)
            return visit.to(_done(visit, "withdrawn", ""))
        approval = signing.accept(
            visit.desk, content, data, _field(visit, "sha256"), visit.person.name, _person(visit, content)
        )
    except Refused as error:
        return _refused(visit, error)
    visit.noted("signed-elsewhere", _code(content), content.subject.sha256)
    keep_approved(visit.desk, content)
    return visit.to(_done(visit, "signed", approval.keyid))


def withdrawn(visit: Visit) -> Response:
    """Takes an approval back."""
    content = _content(visit)
    try:
        signing.withdraw(
            visit.desk,
            content,
            _field(visit, "key"),
            _field(visit, "secret"),
            _field(visit, "reason"),
            _person(visit, content),
        )
    except Refused as error:
        return _refused(visit, error)
    visit.noted("withdrew", _code(content), content.subject.sha256)
    return visit.to(_done(visit, "withdrawn", ""))


def exact(visit: Visit) -> Response:
    """The exact bytes of one file of what is signed, to be read."""
    item = contents.item_of(visit.desk, visit.path["identifier"])
    name, data = contents.bytes_of(item.path, _number(visit))
    return visit.page(
        "keys/exact.html.j2",
        item=item,
        file=name,
        number=_number(visit),
        size=len(data),
        sha256=contents.files_of(item.path)[name],
        shown=contents.shown_text(data),
    )


def saved(visit: Visit) -> Response:
    """The exact bytes of one file of what is signed, to be kept."""
    item = contents.item_of(visit.desk, visit.path["identifier"])
    name, data = contents.bytes_of(item.path, _number(visit))
    return visit.file(data, name.rpartition("/")[2], "application/octet-stream")


def whole(visit: Visit) -> Response:
    """All that is signed: the file itself, or its folder as a ZIP archive."""
    item = contents.item_of(visit.desk, visit.path["identifier"])
    if item.path.is_dir():
        return visit.file(contents.packed(item.path), f"{item.path.name}.zip", "application/zip")
    return visit.file(item.path.read_bytes(), item.path.name, "application/octet-stream")


def _content(visit: Visit) -> contents.Content:
    return contents.content_of(visit.desk, contents.item_of(visit.desk, visit.path["identifier"]))


def _context(visit: Visit, content: contents.Content) -> dict[str, Any]:
    may = visit.may(Right.SIGN)
    person = _person(visit, content)
    keys, tokens = signing.choices(visit.desk, content.trust, person) if may else ([], "")
    done = visit.query.get("done", "")
    return {
        "content": content,
        "item": content.item,
        "may_sign": may,
        "unlisted": person == "",
        "keys": keys,
        "tokens": tokens,
        "done": done if done in ("signed", "withdrawn") else "",
        "offices": {one.name: one.office for one in content.trust.people},
        "refusal": "",
        "named": lambda digest: Words(visit.lang).digest(contents.digest_of(digest)),
        "written": lambda at: visit.words.moment(datetime.fromisoformat(at)),
    }


def _refused(visit: Visit, error: Refused) -> Response:
    """The same page again, with why nothing was signed."""
    content = _content(visit)
    visit.noted("refused", _code(content), content.subject.sha256)
    context = _context(visit, content) | {"refusal": str(error)}
    return visit.page("keys/sign.html.j2", status=409, **context)


def _person(visit: Visit, content: contents.Content) -> str | None:
    """The person whose keys the visitor may use: the one whom the trust file lists with the visitor's
    account, "" where it lists none. None for the local user, who is whoever knows a key's passphrase."""
    if not visit.frame.settings.accounts:
        return None
    person = content.trust.person_of(visit.person.name)
    return "" if person is None else person.name


def _done(visit: Visit, what: str, keyid: str) -> str:
    address = visit.url("keys.sign", identifier=visit.path["identifier"])
    return f"{address}?done={what}" + (f"&key={keyid[:8]}" if keyid else "")


def _code(content: contents.Content) -> str:
    """What the trail calls the content: its kind and name, in signs that a trail takes."""
    return re.sub(r"[^\x21-\x7e]", "_", f"{content.item.kind}:{content.subject.name}")[:200]


def _field(visit: Visit, name: str) -> str:
    value = visit.form.get(name)
    return value if isinstance(value, str) else ""


def _number(visit: Visit) -> int:
    if not visit.path["number"].isdecimal() or len(visit.path["number"]) > 6:
        raise Missing(visit.path["number"])
    return int(visit.path["number"])


PAGES: Sequence[Page] = (
    Page("/keys", "keys.index", Right.READ, index),
    Page("/keys/sign/{identifier}", "keys.sign", Right.READ, sign),
    Page("/keys/sign/{identifier}", "keys.signed", Right.SIGN, signed, ("POST",), 16_384),
    Page(
        "/keys/envelope/{identifier}",
        "keys.uploaded",
        Right.SIGN,
        uploaded,
        ("POST",),
        LARGEST_ENVELOPE + 16_384,
    ),
    Page("/keys/withdraw/{identifier}", "keys.withdrawn", Right.SIGN, withdrawn, ("POST",), 16_384),
    Page("/keys/exact/{identifier}/{number}", "keys.exact", Right.READ, exact),
    Page("/keys/saved/{identifier}/{number}", "keys.saved", Right.READ, saved),
    Page("/keys/whole/{identifier}", "keys.whole", Right.READ, whole),
)
