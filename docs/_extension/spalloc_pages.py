"""Directives for what is told once in the code: options, settings, measurements; and small repairs of autodoc.

``spalloc-command``, ``spalloc-magic``
    The description, the examples and the options of a command or magic, from its argparse parser.
``spalloc-settings``
    The table of the options that files, environment variables and arguments set.
``spalloc-results``
    A file of this project, or a sentence where it is not there yet.
"""

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from spalloc_client.commands import catalogue
from spalloc_client.config import Config
from spalloc_client.options import OPTIONS

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]

_COMMANDS = {
    command.name: command
    for command in (catalogue.ALLOC, catalogue.JOB, catalogue.PS, catalogue.MACHINE, catalogue.WHERE_IS)
}


class _Generated(SphinxDirective):
    """A directive whose content is written as reStructuredText."""

    def write(self, lines: Iterable[str]) -> list[nodes.Node]:
        """Return what the lines mean; they come from the directive's own place in the page."""
        return self.parse_text_to_nodes("\n".join(["```{eval-rst}", *lines, "```"]))


class CommandDirective(_Generated):
    """``spalloc-command``: a console command, by its name."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return its description, examples and options."""
        name = self.arguments[0]
        if name == "spalloc-sandbox":
            return self._sandbox()
        command = _COMMANDS[name]
        parser = command.parser(argparse.ArgumentParser)
        return self.write(_about(name, command.description, command.examples, parser))

    def _sandbox(self) -> list[nodes.Node]:
        # The one command that no magic shares; it tells its options in its own module.
        from spalloc_client.scripts import sandbox

        parser = sandbox._parser()  # noqa: SLF001 - the pages and --help are to say the same
        lines = [parser.description or "", "", ".. code-block:: text", ""]
        lines += [f"   {line}" for line in (parser.epilog or "").splitlines()[1:]]
        for action in parser._actions:  # noqa: SLF001 - argparse offers no other way
            for sub, below in (action.choices or {}).items() if isinstance(action.choices, dict) else ():
                lines += ["", f".. rubric:: spalloc-sandbox {sub}", "", below.description or "", ""]
                lines += _options(f"spalloc-sandbox {sub}", below)
        return self.write(lines)


class MagicDirective(_Generated):
    """``spalloc-magic``: a magic, by its name without percent signs."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return its description, examples and options."""
        from spalloc_jupyter import grammar

        (magic,) = [
            value
            for value in vars(grammar).values()
            if isinstance(value, grammar.Magic) and value.name == self.arguments[0]
        ]
        command = magic.command
        lines = _about(f"%{magic.name}", command.description, command.examples, magic.parser())
        return self.write(lines)


class SettingsDirective(_Generated):
    """``spalloc-settings``: the options that can be set in files, too."""

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        lines = [".. list-table::", "   :header-rows: 1", "   :widths: 20 45 15 20", ""]
        lines += _row("Option", "What it means", "Default", "It takes")
        for option in OPTIONS:
            default = getattr(Config(), option.name)
            lines += _row(
                f"``{option.name}``",
                option.meaning,
                "" if default is None and option.name in ("hostname", "owner") else f"``{default}``",
                option.expected,
            )
        return self.write(lines)


class ResultsDirective(SphinxDirective):
    """``spalloc-results``: a Markdown file of this project, by its path from the root."""

    required_arguments = 1
    option_spec = {"otherwise": directives.unchanged}  # noqa: RUF012 - as docutils has it

    def run(self) -> list[nodes.Node]:
        """Return what the file says, or what is said instead of it."""
        file = ROOT / self.arguments[0]
        if not file.is_file():
            return self.parse_text_to_nodes(self.options.get("otherwise", ""))
        self.env.note_dependency(str(file))
        text = file.read_text(encoding="utf-8")
        body = text.split("\n", 1)[1] if text.startswith("# ") else text
        return self.parse_text_to_nodes(body, allow_section_headings=True)


def _row(*cells: str) -> list[str]:
    return [f"   {'* -' if number == 0 else '  -'} {cell}" for number, cell in enumerate(cells)]


def _about(
    name: str, description: str, examples: Iterable[tuple[str, str]], parser: argparse.ArgumentParser
) -> Iterator[str]:
    yield from (description, "", ".. code-block:: text", "")
    rows = [(f"{name} {words}".rstrip(), does) for words, does in examples]
    wide = max(len(words) for words, _ in rows)
    yield from (f"   {words:<{wide}}  {does}" for words, does in rows)
    yield ""
    yield from _options(name, parser)


def _options(name: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    """Write the options of a parser, as Sphinx describes programs."""
    program = f"{name[1:]} magic" if name.startswith("%") else name  # a percent sign would be a format to Sphinx
    yield from (f".. program:: {program}", "")
    for group in parser._action_groups:  # noqa: SLF001 - argparse offers no other way
        actions = [action for action in group._group_actions if action.help != argparse.SUPPRESS]  # noqa: SLF001
        if actions and group.title not in ("options", "positional arguments"):
            yield from ("", f".. rubric:: {(group.title or '').capitalize()}", "")
        for action in actions:
            yield from _option(action)


def _option(action: argparse.Action) -> Iterator[str]:
    values = _values(action)
    heads = [f"{flag} {values}".strip() for flag in action.option_strings] or [values]
    says = (action.help or "").replace("%(prog)s", "the program").replace("*", r"\*").replace("|", r"\|")
    yield from ("", f".. option:: {', '.join(heads)}", "", f"   {says[:1].upper()}{says[1:]}.", "")


def _values(action: argparse.Action) -> str:
    names = action.metavar or (action.dest.upper() if action.nargs != 0 else "")
    if action.nargs == argparse.REMAINDER:
        return f"{names}"
    if isinstance(names, tuple):
        return " ".join(names)
    many = {"*": " ...", "+": " ..."}.get(str(action.nargs), "")
    text = f"{names}{many}"
    return f"[{text}]" if action.nargs in ("?", "*") and text else text


def _without_alias(_app: "Sphinx", what: str, _name: str, obj: object, _skip: bool, _options: object) -> bool | None:
    """Leave out the fields of named tuples that say nothing of themselves: their class describes them."""
    aliases = what == "class" and str(getattr(obj, "__doc__", "")).startswith("Alias for field number")
    return True if aliases else None


def setup(app: "Sphinx") -> dict[str, Any]:
    """Teach Sphinx the directives."""
    app.add_directive("spalloc-command", CommandDirective)
    app.add_directive("spalloc-magic", MagicDirective)
    app.add_directive("spalloc-settings", SettingsDirective)
    app.add_directive("spalloc-results", ResultsDirective)
    app.connect("autodoc-skip-member", _without_alias)
    return {"parallel_read_safe": False}
