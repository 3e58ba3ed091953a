"""The help that a question mark behind a magic shows."""

from spalloc_jupyter.grammar import parser_of


def help_text(name: str) -> str:
    """Return the help of a magic, without per cent sign: its options, what they mean, and examples."""
    parser = parser_of(name)
    assert parser is not None
    return parser.format_help()
