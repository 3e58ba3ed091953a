"""The map's colours can be told apart by everybody, and what is written on them can be read."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spalloc_jupyter.colours import COLOURS, DARK, LIGHT, contrast, luminance, text_on

# What people see, as linear RGB -> linear RGB: Machado, Oliveira and Fernandes, "A Physiologically-based Model for
# Simulation of Color Vision Deficiency", IEEE TVCG 15(6), 2009, table 1, severity 1.0.
EYES = {
    "most": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
SRGB_TO_XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
WHITE = (0.9505, 1.0, 1.089)


def times(matrix, vector):
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def lab(colour, eyes):
    """CIE 1976 L*a*b* of a colour as these eyes see it."""
    linear = [luminance("#" + 3 * colour[i : i + 2]) for i in (1, 3, 5)]
    seen = [min(1, max(0, channel)) for channel in times(EYES[eyes], linear)]
    ratios = [value / white for value, white in zip(times(SRGB_TO_XYZ, seen), WHITE, strict=True)]
    x, y, z = (r ** (1 / 3) if r > 0.008856 else 7.787 * r + 16 / 116 for r in ratios)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("style", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("eyes", EYES)
def test_any_two_colours_differ_for_any_eyes(style, eyes):
    """At least 15 units of CIE L*a*b* apart; 2.3 is just noticeable."""
    seen = [lab(colour, eyes) for colour in (*style.jobs, style.free, style.background)]
    pairs = [(a, b) for a, b in itertools.combinations(range(len(seen)), 2) if a < len(style.jobs)]
    assert min(math.dist(seen[a], seen[b]) for a, b in pairs) > 15


@pytest.mark.parametrize("style", [LIGHT, DARK], ids=["light", "dark"])
def test_what_is_written_can_be_read(style):
    for fill in (style.free, style.dead, style.background):
        assert contrast(style.foreground, fill) >= 4.5
    for fill in style.jobs:
        assert contrast(text_on(fill), fill) >= 4.5
    assert contrast(style.dead_link, style.background) >= 4.5
    assert contrast(style.hatch, style.dead) >= 3


def test_both_styles_have_as_many_colours():
    assert len(LIGHT.jobs) == len(DARK.jobs) == COLOURS


colours = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


@given(colours)
def test_black_or_white_reads_on_every_colour(fill):
    assert contrast(text_on(fill), fill) > 4.5


def test_contrast_goes_from_one_to_twenty_one():
    assert contrast("#777777", "#777777") == 1
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.01)  # WCAG's well-known grey
