"""A PDF that is written while it is drawn: each page goes to the file when it is full and is then let go.

reportlab keeps all pages until the end and puts the file together in memory. A page holds nothing that is known only
later: its text names fonts, and these, cut to the characters used, stand once at the end of the file. So each page is
formatted as reportlab does it, written, and of it only its place in the file is kept.
"""

from typing import IO, Any

from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas


class PartsCanvas(Canvas):
    """A canvas that writes each page to `file` as soon as it is full; nobody needs to read in that file or go back."""

    _doc: Any  # the stubs know neither
    _code: list[str]

    def __init__(self, file: IO[bytes], **given: Any) -> None:
        """Begin the file."""
        super().__init__(file, **given)
        self._file, self._at = file, 0
        self._places: dict[int, int] = {}
        """Where in the file each object stands that is written, by its number."""
        self._put(pdfdoc.PDFFile(self._doc._pdfVersion).format(self._doc))

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        """Write the page that is full."""
        name = self._doc.thisPageName()
        super().showPage()
        self._write(name)
        self._doc.Pages.pages[-1] = pdfdoc.PDFObjectReference(name)

    def save(self) -> None:
        """Write what all pages share: fonts, the list of pages, and where each part of the file stands."""
        if self._code:
            self.showPage()
        doc = self._doc
        for font in doc.delayedFonts:
            font.addObjects(doc)
        doc.info.invariant = doc.invariant
        doc.info.digest(doc.signature)
        catalogue, info = doc.Reference(doc.Catalog), doc.Reference(doc.info)
        doc.Outlines.prepare(doc, self)
        if doc.Outlines.ready < 0:
            doc.Catalog.Outlines = None
        doc.encrypt.prepare(doc)
        number = 0
        while (number := number + 1) in doc.numberToId:  # formatting an object can number further ones
            if number not in self._places:
                self._write(doc.numberToId[number])
        table = self._at
        lines = ["xref", f"0 {number}", "0000000000 65535 f "]
        lines += [f"{self._places[each]:010d} 00000 n " for each in range(1, number)]
        self._put("\n".join([*lines, ""]).encode())
        trailer = pdfdoc.PDFTrailer(startxref=table, Size=number, Root=catalogue, Info=info, ID=doc.ID())
        self._put(pdfdoc.pdfdocEnc(trailer.format(doc)))

    def _write(self, name: str) -> None:
        """Write an object, and the stream of a page with it; of both only where they stand is kept."""
        doc = self._doc
        number, _version = doc.idToObjectNumberAndVersion[name]
        self._places[number] = self._at
        thing = doc.idToObject[name]
        self._put(pdfdoc.PDFIndirectObject(name, thing).format(doc))
        doc.idToObject[name] = None
        if isinstance(thing, pdfdoc.PDFPage) and hasattr(thing.Contents, "__InternalName__"):
            self._write(thing.Contents.__InternalName__)
            vars(thing).clear()  # it is in a ring with others, and would wait for the collector of rings

    def _put(self, content: bytes) -> None:
        self._file.write(content)
        self._at += len(content)
