"""The rights in the documentation are those in the code, and every route stands in them."""

from pathlib import Path

from config import Settings
from wastetrack.app import create_app
from wastetrack.domain.access import Act
from wastetrack.features.audit import shapes

HOUSE = Path(__file__).resolve().parents[2]


def test_the_documentation_says_what_the_code_says(tmp_path: Path) -> None:
    """Run `flask --app wastetrack.app access table` after a change of rights or routes, and read what it changed."""
    settings = Settings(f"sqlite:///{tmp_path}/empty.db", "a-secret-that-only-the-tests-know-0123456789",
                        "http://127.0.0.1:8000", tmp_path, testing=True)  # fmt: skip
    app = create_app(settings)
    printed = shapes.document(app)
    assert (HOUSE / "docs" / "access.md").read_text(encoding="utf-8") == printed
    assert {rule.rule for rule in app.url_map.iter_rules()} == _routes(printed)
    assert [right.act for right in shapes.rights(app)] == list(Act)


def _routes(printed: str) -> set[str]:
    return {part.split(" ", 1)[1] for part in printed.split("`") if part.startswith(("GET /", "POST /"))}
