"""How many labels a print has makes no difference to the memory that it takes."""

import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader

PROGRAM = """
import sys
from pathlib import Path
from tests.bench.labels import MEDICAL, _many
from wastetrack.documents.fonts import register
from wastetrack.documents.label import write_labels
from wastetrack.infra.files import Files

def most():  # of this program alone, which getrusage mixes with whoever began it
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])

register()
before = most()
digest = Files(Path(sys.argv[2])).keep_written(lambda file: write_labels(_many(MEDICAL, int(sys.argv[1])), file))
print(most() - before, digest)
"""


def made(count: int, folder: Path) -> tuple[int, int]:
    """By how much the process grew at most while so many labels were written, and how many pages its file has."""
    call = [sys.executable, "-c", PROGRAM, str(count), str(folder)]
    told = subprocess.run(call, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[2]).stdout
    growth, digest = told.split()
    return int(growth), len(PdfReader(folder / digest[:2] / digest[2:], strict=True).pages)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell the most a program held")
def test_a_thousand_labels_take_hardly_more_memory_than_a_hundred(tmp_path):
    (few, hundred), (many, thousand) = made(100, tmp_path), made(1_000, tmp_path)
    assert (hundred, thousand) == (100, 1_000)
    assert many / few < 1.35, (few, many)
    assert not list(tmp_path.glob("00/.written*"))
