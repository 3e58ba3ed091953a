"""HTML, made of data: whatever comes in as text goes out as text."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import escape
from pathlib import Path

__all__ = ["ago", "chart", "elapsed", "facts_list", "plain", "static_document", "stylesheet", "text", "without_times"]

STATIC = Path(__file__).parent / "static"


def plain(words: object) -> str:
    """Return words without anything that a terminal obeys or that hides or turns around what follows."""
    spaced = " ".join(str(words).splitlines()).replace("\t", " ")
    if spaced.isascii() and spaced.isprintable():
        return spaced
    return "".join(_seen(character) for character in spaced)


def _seen(character: str) -> str:
    invisible = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    return "\N{REPLACEMENT CHARACTER}" if invisible else character


def text(words: object) -> str:
    """Return words as the text or an attribute of an HTML document."""
    shown = str(words)
    return _escaped(shown) if len(shown) < _SHORT else escape(plain(shown))


_SHORT = 200  # letters; names of owners and states come again and again, and long texts need not be remembered


@lru_cache(maxsize=256)
def _escaped(words: str) -> str:
    return escape(plain(words))


def elapsed(since: float, words: str) -> str:
    """Return a time span that lasts on; the browser counts it up."""
    return f'<span class="spalloc-tick" data-elapsed="{since:.3f}">{text(words)}</span>'


def ago(at: float, words: str) -> str:
    """Return how long something is past; the browser counts it up."""
    return f'<span class="spalloc-tick" data-ago="{at:.3f}">{text(words)}</span>'


def without_times(html: str) -> str:
    """Return HTML without the times that the browser counts by itself, so that it changes only if something happens."""
    return _COUNTED.sub(r"\1\2", html)


_COUNTED = re.compile(r'(<span class="spalloc-(?:tick|pulse)"[^>]*>)[^<]*(</span>)')


def facts_list(facts: Mapping[str, str]) -> str:
    """Return names of facts and what is so; the facts are HTML, those that are empty are left out."""
    rows = "".join(f"<div><dt>{text(name)}</dt><dd>{fact}</dd></div>" for name, fact in facts.items() if fact)
    return f'<dl class="spalloc-facts">{rows}</dl>'


def chart(headings: Iterable[str], rows: Iterable[Iterable[str]], label: str) -> str:
    """Return a table in a box that scrolls by itself; its cells are HTML."""
    head = "".join(f'<th scope="col">{text(heading)}</th>' for heading in headings)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f'<div class="spalloc-scroll" tabindex="0" role="region" aria-label="{text(label)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


@lru_cache(maxsize=1)
def stylesheet() -> str:
    """Return the style sheet of all views."""
    return (STATIC / "panel.css").read_text(encoding="utf-8")


def static_document(parts: Mapping[str, str], label: str, kind: str) -> str:
    """Return parts of a view as HTML that stands by itself, without a kernel, a script or a network."""
    body = "".join(
        f'<div class="spalloc-part spalloc-part-{name}">{part}</div>' for name, part in parts.items() if part
    )
    return (
        f"<style>{stylesheet()}</style>"
        f'<section class="spalloc-panel {kind}" aria-label="{text(label)}">'
        f'<div class="spalloc-static">{body}</div></section>'
    )
