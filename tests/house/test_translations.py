"""Both languages are complete: every message has its Chinese, and nothing Chinese is left over."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from wastetrack.infra.i18n import CHINESE, catalogues

ROOT = Path(__file__).resolve().parents[2]
KEYWORDS = {"_": None, "N_": None}
ENTRY = re.compile(r'^msgid ((?:".*"\n)+)', re.MULTILINE)
PLACEHOLDER = re.compile(r"\{(\w*)\}")


@cache
def _used() -> dict[str, str]:
    found = {}
    for folder, methods in (("wastetrack", [("**.py", "python")]), ("templates", [("**.html", "jinja2")])):
        options = {"**.html": {"trimmed": "true", "silent": "false"}}
        for file, line, message, _comments, _context in extract_from_dir(
            str(ROOT / folder), methods, options, KEYWORDS, strip_comment_tags=True
        ):
            text = message[0] if isinstance(message, tuple) else message
            found.setdefault(text, f"{folder}/{file}:{line}")
    found.pop("", None)
    return found


@cache
def _translated() -> dict[str, str]:
    messages: dict[str, str] = {}
    for path in catalogues():
        with path.open("rb") as file:
            messages |= {str(m.id): str(m.string) for m in read_po(file, locale=CHINESE) if m.id}
    return messages


def test_every_message_has_its_chinese() -> None:
    missing = [f"{where}: {text!r}" for text, where in _used().items() if not _translated().get(text)]
    assert not missing, "\n" + "\n".join(sorted(missing))


def test_no_chinese_is_left_over() -> None:
    assert sorted(_translated().keys() - _used().keys()) == []


def test_no_message_is_translated_twice() -> None:
    """Read as text: Babel would take two entries of one file for one."""
    counted = Counter(
        "".join(line.strip().strip('"') for line in entry.splitlines())
        for path in catalogues()
        for entry in ENTRY.findall(path.read_text())
    )
    assert [text for text, times in counted.items() if text and times > 1] == []


def test_both_languages_name_the_same_facts() -> None:
    differing = [
        text
        for text, chinese in _translated().items()
        if set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(chinese))
    ]
    assert differing == []


def test_the_translations_are_chinese() -> None:
    plain = [t for t, c in _translated().items() if not re.search(r"[\u4e00-\u9fff]", c) and re.search("[a-z]{4}", c)]
    allowed = {"WasteTrack", "English", "{field}: "}
    assert sorted(set(plain) - allowed) == []


def test_no_page_carries_untranslated_words() -> None:
    """Words between tags in a template must come through `_()`: this finds bare English and bare Chinese."""
    bare = []
    for path in (ROOT / "templates").rglob("*.html"):
        text = re.sub(
            r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->|<(script|style).*?</\1>", "", path.read_text(), flags=re.S
        )
        text = re.sub(r'="[^"]*"(?![^<>]*lang=)', "", text) if "lang=" not in text else text
        text = re.sub(r'<[^>]*\blang="[^"]*"[^>]*>[^<]*<', "<", text)
        found = re.findall(r">([^<>]+)<", text)
        shown = [words.strip() for words in found if re.search(r"[A-Za-z]{3,}|[\u4e00-\u9fff]", words)]
        bare += [f"{path.relative_to(ROOT)}: {words!r}" for words in shown]
    assert not bare, "\n" + "\n".join(bare)
