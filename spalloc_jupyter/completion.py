"""Completion of the magics' options, and of machines, tags, owners and own job ids; also behind ``x = ``."""

import re
from typing import TYPE_CHECKING, Any

from IPython.core.completer import SimpleCompletion, completion_matcher

if TYPE_CHECKING:
    from IPython.core.completer import CompletionContext, MatcherAPIv2, SimpleMatcherResult
    from IPython.core.interactiveshell import InteractiveShell

IDENTIFIER = "spalloc"
"""What ``IPCompleter.disable_matchers`` takes to turn it off."""

_LINE = re.compile(r"\s*(?:[\w.,\s\[\]'\"]+=\s*)?%{1,2}(spalloc\w*)\s+(.*)")


def complete_in(shell: "InteractiveShell") -> None:
    """Complete the magics' lines in a shell."""
    completer: Any = shell.Completer  # a shell that runs cells has one
    completer.custom_matchers.append(_matcher(shell))


def complete_no_longer_in(shell: "InteractiveShell") -> None:
    """Leave the magics' lines to the shell."""
    completer: Any = shell.Completer
    ours = [
        matcher for matcher in completer.custom_matchers if getattr(matcher, "matcher_identifier", "") == IDENTIFIER
    ]
    for matcher in ours:
        completer.custom_matchers.remove(matcher)


def _matcher(shell: "InteractiveShell") -> "MatcherAPIv2":
    @completion_matcher(identifier=IDENTIFIER, api_version=2)  # type: ignore[untyped-decorator] # untyped there
    def spalloc_matcher(context: "CompletionContext") -> "SimpleMatcherResult":
        line = context.text_until_cursor
        found = _LINE.fullmatch(line) if "%spalloc" in line else None
        if found is None:
            return {"completions": []}
        from spalloc_jupyter.suggestions import suggestions

        settings = shell.magics_manager.registry["SpallocMagics"]
        *before, fragment = re.split(r"\s+", found[2])
        words = suggestions(found[1], before, fragment, settings)
        return {
            "completions": [SimpleCompletion(text=word, type="spalloc") for word in words],
            "matched_fragment": fragment,
            # Nothing else than what we know can stand there; where we know nothing, others may have their say.
            "suppress": bool(words),
        }

    # The decorator, which has no types, adds what the type asks for.
    matcher: MatcherAPIv2 = spalloc_matcher  # pyright: ignore[reportAssignmentType]
    return matcher
