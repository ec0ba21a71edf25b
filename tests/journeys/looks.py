"""What must hold of every page, whoever looks at it, in both languages, on a phone and at a desk."""

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = (Path(__file__).resolve().parents[1] / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}

ENGLISH = re.compile(r"(?:\b[A-Za-z][a-z']+\b[ ,;:]+){2,}[A-Za-z][a-z']+\b")
"""Three English words in a row: on a Chinese page somebody forgot to translate."""

_TEXTS = """() => {
  const foreign = (element) => element.closest("[lang=en], code, pre, .code-text, .code, script, style, option[lang]");
  const texts = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (!foreign(node.parentElement)) texts.push(node.data);
  for (const element of document.querySelectorAll("*"))
    for (const { name, value } of element.attributes)
      if (["aria-label", "title", "placeholder", "alt"].includes(name) || name.startsWith("data-text-") ||
          name === "data-confirm") texts.push(value);
  return texts.map((text) => text.replace(/\\s+/g, " ").trim()).filter(Boolean);
}"""

_SMALL = """() => [...document.querySelectorAll("button, a.btn, summary, select, .nav-item, input:not([type=hidden])")]
  .map((element) => element.matches("[type=radio], [type=checkbox], [type=file]") ? element.closest("label") ?? element
                                                                                 : element)
  .map((element) => [element, element.getBoundingClientRect()])
  .filter(([element, box]) => box.width > 1 && box.height > 1 && box.height < 43.5 && element.checkVisibility())
  .map(([element, box]) =>
       `${element.tagName} "${element.textContent.trim().slice(0, 30)}" is ${Math.round(box.height)} px`)"""


def flaws(page: Page, language: str) -> list[str]:
    """Return what is wrong with the page as it stands in its window."""
    return [*_inaccessible(page), *too_wide(page), *_untranslated(page, language), *_hard_to_hit(page)]


def _inaccessible(page: Page) -> list[str]:
    """Ask axe-core. It is put in past the content policy, which stays in force for the page's own scripts."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate(f"axe.run(document, {json.dumps(RULES)})")
    return [
        f"{one['id']}: {node['target'][-1]}: {node['failureSummary'].splitlines()[-1].strip()}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def too_wide(page: Page) -> list[str]:
    """Nothing is cut off at the right: not the page, and no table within its frame."""
    wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    cut = page.evaluate("""() => [...document.querySelectorAll(".table-wrap")]
      .filter((frame) => frame.scrollWidth > frame.clientWidth + 1)
      .map((frame) => `table "${frame.querySelector("caption").textContent}" needs ${frame.scrollWidth} px` +
                      ` in a frame of ${frame.clientWidth} px`)""")
    return [f"{wide} px wide in a window of {window} px"] * (wide > window) + cut


def _untranslated(page: Page, language: str) -> list[str]:
    if language == "en":
        return []
    return [f"not translated: {text}" for text in page.evaluate(_TEXTS) if ENGLISH.search(text)]


def _hard_to_hit(page: Page) -> list[str]:
    """On a phone everything that is pressed is at least 44 px high."""
    return page.evaluate(_SMALL) if page.evaluate("innerWidth") < 500 else []
