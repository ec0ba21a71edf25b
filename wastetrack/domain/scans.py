"""Scans of papers: what they are scans of, which files are taken, how large.

That a licence, a contract or a permit has to be there is law (see `domain.papers`); that its scan is kept beside what
was typed of it is the house's own way, and so are the figures here.
"""

from wastetrack.domain.access import Act
from wastetrack.domain.words import N_, Term

MOST_MEGABYTES = 10
"""House figure, which an installation may set otherwise: thirty pages scanned in grey at 300 dpi."""
MOST_PIXELS = {"jpeg": 64_000_000, "png": 40_000_000}
"""House figures: above what phones and an A4 scanner at 600 dpi make. Asked before anything is unpacked."""
MOST_PASSES = 100
"""House figure: a photograph is stored in some ten passes; thousands are made to keep a machine busy."""
MOST_OF_ONE = 50
"""House figure, which an installation may set otherwise: so many scans, withdrawn ones too, one paper has at most."""


class PaperKind(Term):
    """What a scan is of."""

    LICENCE = "licence", N_("Licence")
    CONTRACT = "contract", N_("Contract")
    VEHICLE = "vehicle", N_("Vehicle")
    CREW = "crew", N_("Driver or escort")
    PLAN = "plan", N_("Management plan")

    @property
    def act(self) -> Act:
        """Return the act of whoever keeps papers of this kind."""
        return Act.MANAGE_PARTIES if self is PaperKind.LICENCE else Act.MANAGE_OWN


class FileType(Term):
    """What kinds of file are taken, by what is in them."""

    PDF = "pdf", N_("PDF document")
    JPEG = "jpeg", N_("JPEG picture")
    PNG = "png", N_("PNG picture")

    @property
    def mime(self) -> str:
        """Return the name by which a browser knows it."""
        return "application/pdf" if self is FileType.PDF else f"image/{self.value}"

    @property
    def is_picture(self) -> bool:
        """Tell whether a browser shows it without running anything that stands in it."""
        return self is not FileType.PDF


_BEGINS = {FileType.PDF: b"%PDF-", FileType.JPEG: b"\xff\xd8\xff", FileType.PNG: b"\x89PNG\r\n\x1a\n"}
_ENDINGS = {FileType.PDF: (".pdf",), FileType.JPEG: (".jpg", ".jpeg"), FileType.PNG: (".png",)}


def type_of(content: bytes) -> FileType | None:
    """Return what a file is by how it begins, whatever it is called; None for what is not taken."""
    return next((kind for kind, magic in _BEGINS.items() if content.startswith(magic)), None)


def named_as(name: str, kind: FileType) -> str:
    """Return the name with an ending that says what the file is, so that no program takes it for something else."""
    return name if name.lower().endswith(_ENDINGS[kind]) else f"{name}{_ENDINGS[kind][0]}"
