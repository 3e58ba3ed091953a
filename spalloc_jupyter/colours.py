"""The colours of the board map, light and dark.

Jobs take the colours of M. Okabe and K. Ito, "Color Universal Design" (2008). On a light page, where their
yellow would vanish, two of P. Tol's "muted" scheme (SRON/EPS/TN/09-002, 2021) complete them; on a dark page, a
violet. Everybody can tell any two of them apart, colour-blind or not; the tests measure that. As there are more
jobs than colours, colour never stands alone: numbers, borders and tooltips say the same.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """The colours of a map, each as ``#rrggbb``."""

    background: str
    foreground: str
    """Titles, labels of free boards, and the line around what is highlighted."""
    free: str
    """A board that nobody uses."""
    dead: str
    """A board that does not work; `hatch` is drawn across it."""
    hatch: str
    dead_link: str
    jobs: tuple[str, ...]
    """Jobs take these in turn; one is enough."""

    def job(self, colour: int) -> str:
        """Return the colour of a job, by the number that a drawing gave it."""
        return self.jobs[colour % len(self.jobs)]


LIGHT = Style(
    background="#ffffff",
    foreground="#1f2328",
    free="#e6e9ee",
    dead="#ffffff",
    hatch="#767c85",
    dead_link="#c40000",
    jobs=("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#332288", "#882255"),
)
"""For a white page, and for paper."""

DARK = Style(
    background="#111417",
    foreground="#e6e9ee",
    free="#2d333d",
    dead="#111417",
    hatch="#8b94a1",
    dead_link="#ff6b6b",
    jobs=("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#9955ff"),
)
"""For a dark page."""

COLOURS = len(LIGHT.jobs)
"""How many colours a style has for jobs."""


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb``, from 0 (black) to 1 (white), after WCAG 2.2."""
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21, after WCAG 2.2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def text_on(fill: str) -> str:
    """Return black or white, whichever reads better on a colour; the contrast is always above 4.5."""
    return max("#000000", "#ffffff", key=lambda ink: contrast(ink, fill))
