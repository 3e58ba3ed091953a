"""A magic's line: its words, and what is the notebook's in them.

A semicolon at the end silences the output and is no word. ``{name}`` and ``$name`` are the notebook's, as IPython has
it; behind ``-c`` the command's own tokens stay what they are, and a value is never split into words there.
"""

import ast
import builtins
import re
import shlex
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

_COMMAND = re.compile(r"(?:^|(?<=\s))(?:-c|--command)(?=[\s=\"']|$)")
_ENDED = re.compile(r"(\s*(?:[\w.,\s]+=\s*)?%spalloc\w*);\s*")
_PLACE = re.compile(r"\{([^{}]*)\}|\$(\$?)([^\W\d]\w*(?:\.[^\W\d]\w*)*)")


def detach_semicolons(lines: list[str]) -> list[str]:
    """Return a cell's lines with a space before the semicolon that follows one of our magics at once.

    IPython takes it for a part of the magic's name otherwise.
    """
    return [_ENDED.sub(r"\1 ;\n", line) if "%spalloc" in line and _ENDED.fullmatch(line) else line for line in lines]


@dataclass(frozen=True, slots=True)
class Line:
    """What stands behind a magic's name."""

    words: tuple[str, ...]
    silenced: bool
    """True if a semicolon at the end asks for no output."""


def parse_line(text: str, names: Mapping[str, object], tokens: Collection[str] = ()) -> Line:
    """Return a magic's words.

    Parameters
    ----------
    text
        The line as it was typed.
    names
        The notebook's variables.
    tokens
        What the command behind ``-c`` calls its own: ``{token}`` is left there as it is. If there are none, ``-c``
        has no meaning of its own.

    Raises
    ------
    ValueError
        If a quotation is not closed.
    """
    text = text.strip()
    silenced = text.endswith(";")
    text = text.removesuffix(";")
    found = _COMMAND.search(text) if tokens else None
    start = len(text) if found is None else found.start()
    before = shlex.split(expand(text[:start], names))
    command = [expand(word, names, tokens) for word in shlex.split(text[start:])]
    return Line((*before, *command), silenced)


def expand(text: str, names: Mapping[str, object], tokens: Collection[str] = ()) -> str:
    """Return `text` with ``{expression}`` and ``$name`` replaced where the notebook has such names.

    ``$$name`` becomes ``$name``. Whatever the notebook has no name for stays as it is.
    """

    def replacement(match: re.Match[str]) -> str:
        inner, escaped, dollar = match.groups()
        if inner is not None:
            return match.group() if inner in tokens else _value(inner, names, match.group)
        first, dot, rest = dollar.partition(".")
        if escaped:
            return f"${dollar}" if first in names else match.group()
        return _value(dollar, names, lambda: _value(first, names, lambda: f"${first}") + dot + rest)

    return _PLACE.sub(replacement, text)


def _value(expression: str, names: Mapping[str, object], otherwise: Callable[[], str]) -> str:
    """Return what an expression of the notebook's names stands for; what `otherwise` says if it is none of them."""
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return otherwise()
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if not used & names.keys() or not used <= names.keys() | vars(builtins).keys():
        return otherwise()
    try:
        # The notebook's own expression, in the notebook's own names, as IPython does it for any magic.
        return str(eval(expression.strip(), {**names}))  # noqa: S307
    except Exception:  # noqa: BLE001 - whatever it is, the text is then no expression
        return otherwise()
