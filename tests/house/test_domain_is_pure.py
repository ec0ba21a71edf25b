"""The law decides without clock, chance or world: the domain imports only quiet parts of the standard library."""

import ast
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "wastetrack" / "domain"
QUIET = {
    "bisect", "collections", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools", "hashlib",
    "ipaddress", "itertools",
    "json", "math", "operator", "re", "string", "types", "typing", "unicodedata", "uuid", "wastetrack",
}  # fmt: skip


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_a_domain_file_imports_only_what_is_quiet(path: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level
            module = node.module or ""
            imported.add(module.partition(".")[0])
            assert not module.startswith("wastetrack.") or module.startswith("wastetrack.domain"), module
    assert imported <= QUIET


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_a_domain_file_never_asks_what_time_it_is(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"now", "today", "utcnow", "uuid1", "uuid4"}, ast.unparse(node)
