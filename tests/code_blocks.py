"""The code blocks of the pages that users read."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]

PAGES = sorted(
    str(path.relative_to(ROOT))
    for path in [
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")),
    ]
)

_FENCE = re.compile(r"^(`{3,}|:{3,})(\S*)[^\n]*\n(.*?)^\1\s*$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """What stands between two fences."""

    page: str
    line: int
    language: str
    text: str

    @property
    def where(self):
        return f"{self.page}, line {self.line}"


def blocks(page, *languages):
    """Return the blocks of a page that are in one of the languages, all of them if none is named."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = [Block(page, text.count("\n", 0, match.start()) + 1, match[2], match[3]) for match in _FENCE.finditer(text)]
    return [block for block in found if not languages or block.language in languages]


def pages_with(language):
    """Return the pages that have blocks in a language."""
    return [page for page in PAGES if blocks(page, language)]
