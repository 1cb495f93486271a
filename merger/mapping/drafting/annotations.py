"""What is laid over the pages of a PDF and is no part of their text: notes, marks, form fields, attachments.

None of it is read as text of the resolution, and none of it silently left out.
"""

import ctypes
from collections.abc import Iterator
from typing import Any

from merger.errors import Finding, Place
from merger.mapping.drafting.problems import note, warning
from merger.mapping.tree import shorten

SHOWN = 80
"""How many characters a finding quotes of what is not read."""


class Annotations:
    """Looks at a document page by page; `findings` tells what was seen, each kind where it is first.

    To be made before the pages are loaded: only then does the library know their form fields.
    """

    def __init__(self, file: str, document: Any) -> None:
        self._file = file
        self._document = document
        if document.get_formtype():
            document.init_forms()
        self._boxes: list[Finding] = []
        self._seen: dict[str, list[tuple[Place, str]]] = {}

    def look_at(self, page: Any, number: int) -> None:
        """Notes what lies over the page `number`, counted from 1."""
        import pypdfium2.raw as pdf

        place = Place(f"{self._file}#page={number}", 1, 1)
        for annotation in _annotations(page):
            kind = pdf.FPDFAnnot_GetSubtype(annotation)
            words = _text(pdf.FPDFAnnot_GetStringValue, annotation, b"Contents")
            if kind == pdf.FPDF_ANNOT_WIDGET:
                self._see("RES098", place, self._filled_in(annotation))
            elif kind == pdf.FPDF_ANNOT_FREETEXT and words:
                self._boxes.append(warning("RES090", place, words=shorten(words, SHOWN)))
            elif kind in (pdf.FPDF_ANNOT_STRIKEOUT, pdf.FPDF_ANNOT_REDACT):
                self._see("RES099", place, words or "–")
            elif kind == pdf.FPDF_ANNOT_FILEATTACHMENT:
                self._see("RES096", place, words or "–")
            elif kind == pdf.FPDF_ANNOT_STAMP:
                self._see("RES097", place, words or "–")
            elif kind not in (pdf.FPDF_ANNOT_LINK, pdf.FPDF_ANNOT_POPUP):
                self._see("RES095", place, words)

    def findings(self) -> list[Finding]:
        """Text boxes each; of the other kinds one finding with how many there are."""
        import pypdfium2.raw as pdf

        for _ in range(pdf.FPDFDoc_GetAttachmentCount(self._document)):
            self._see("RES096", Place(self._file), "–")
        out = list(self._boxes)
        for code, seen in sorted(self._seen.items()):
            place, words = seen[0]
            how = note if code in ("RES095", "RES097") else warning
            said = {"words": shorten(words, SHOWN)} if code == "RES098" else {}
            out.append(how(code, place, count=len(seen), **said))
        return out

    def _see(self, code: str, place: Place, words: str) -> None:
        if words:
            self._seen.setdefault(code, []).append((place, words))

    def _filled_in(self, annotation: Any) -> str:
        """What was written into a field or chosen in it; of buttons, ticks and signatures nothing."""
        import pypdfium2.raw as pdf

        if self._document.formenv is None:
            return ""
        form = self._document.formenv
        texts = (pdf.FPDF_FORMFIELD_TEXTFIELD, pdf.FPDF_FORMFIELD_COMBOBOX, pdf.FPDF_FORMFIELD_LISTBOX)
        if pdf.FPDFAnnot_GetFormFieldType(form, annotation) not in texts:
            return ""
        return _text(pdf.FPDFAnnot_GetFormFieldValue, form, annotation)


def _annotations(page: Any) -> Iterator[Any]:
    import pypdfium2.raw as pdf

    for index in range(pdf.FPDFPage_GetAnnotCount(page)):
        annotation = pdf.FPDFPage_GetAnnot(page, index)
        if annotation:
            try:
                yield annotation
            finally:
                pdf.FPDFPage_CloseAnnot(annotation)


def _text(ask: Any, *about: Any) -> str:
    """The text that a function of the library writes into a buffer, with single spaces."""
    import pypdfium2.raw as pdf

    size = ask(*about, None, 0)
    buffer = ctypes.create_string_buffer(max(size, 2))
    ask(*about, ctypes.cast(buffer, ctypes.POINTER(pdf.FPDF_WCHAR)), size)
    return " ".join(buffer.raw[: max(size - 2, 0)].decode("utf-16-le", "replace").split())
