"""What enough people have signed by now is kept, so that later contents can be compared with it."""

from contextlib import suppress

from merger.approval.statement import JobSubject, MappingSubject
from merger.errors import MergerError
from merger.review.keys.contents import Content, content_of
from merger.review.mapping import approved
from merger.review.mapping.sources import source
from merger.review.web.desk import Desk


def keep_approved(desk: Desk, content: Content) -> None:
    """Keeps the mapping in what was just signed, or in the job that was, once nobody is missing. Of a plan or
    a roll-back nothing is kept, nor of what was changed since."""
    match content.subject:
        case MappingSubject():
            mapping = content.subject.canonical
        case JobSubject():
            mapping = content.subject.digests["mapping"]
        case _:
            return
    with suppress(MergerError):  # the signature was accepted, whatever becomes of the copy
        now = content_of(desk, content.item)
        book = source(desk, content.item.identifier).book()
        if now.subject == content.subject and book.canonical == mapping and not now.state.missing:
            approved.keep(approved.place_of(desk), content.item.path, book, now.state)
