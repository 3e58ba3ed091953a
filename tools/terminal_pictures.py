"""Take the pictures of the commands for the README: run them in a terminal against the sandbox, and draw what it shows.

python tools/terminal_pictures.py [DIRECTORY]
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
import pexpect
import pyte
from PIL import Image, ImageDraw, ImageFont

from spalloc_client import Job
from spalloc_client.sandbox import Sandbox
from spalloc_client.sandbox.machines import SimulatedMachine

BIN = Path(sys.executable).parent
FONTS = Path(mpl.get_data_path(), "fonts", "ttf")
CELL = (15, 32)  # pixels, at twice the size at which the picture is shown
MARGIN = 32
BACKGROUND, FOREGROUND, DIM = "#1e2127", "#d7dae0", "#7f848e"
COLOURS = {
    "red": "#e06c75",
    "green": "#98c379",
    "brown": "#e5c07b",  # what this emulator calls yellow
    "blue": "#61afef",
    "magenta": "#c678dd",
    "cyan": "#56b6c2",
}


class Screen(pyte.Screen):
    """A screen that remembers which letters are dim, which this emulator does not: it takes them for italics."""

    def select_graphic_rendition(self, *codes: int, **options: bool) -> None:
        """Change the style of what follows."""
        super().select_graphic_rendition(*(3 if code == 2 else code for code in codes), **options)


class Session:
    """A command in a terminal of its own."""

    def __init__(self, words: Sequence[str], environ: dict[str, str], columns: int, lines: int) -> None:
        self.screen = Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self._stream.feed(f"$ {' '.join(words)}\r\n".encode())
        self._child = pexpect.spawn(str(BIN / words[0]), list(words[1:]), env=environ, dimensions=(lines, columns))

    def read_until(self, text: str | None) -> None:
        """Take in what is written until this text stands there; None: until the command ends."""
        give_up = time.monotonic() + 60
        while text is None or text not in "\n".join(self.screen.display):
            try:
                self._stream.feed(self._child.read_nonblocking(65536, 0.2))
            except pexpect.TIMEOUT:
                if time.monotonic() > give_up:
                    raise
            except pexpect.EOF:
                return

    def press(self, keys: str) -> None:
        """Press keys."""
        self._child.send(keys)


def draw(screen: pyte.Screen, path: Path) -> None:
    """Draw what stands on a screen, without the empty lines at its end."""
    used = max((number for number, line in enumerate(screen.display, 1) if line.strip()), default=1)
    wide = max(len(line.rstrip()) for line in screen.display)
    size = (CELL[0] * wide + 2 * MARGIN, CELL[1] * used + 2 * MARGIN)
    image = Image.new("RGB", size, BACKGROUND)
    pen = ImageDraw.Draw(image)
    fonts = {bold: ImageFont.truetype(str(FONTS / name), 25) for bold, name in _FONT_NAMES.items()}
    for row in range(used):
        for column in range(wide):
            letter = screen.buffer[row][column]
            at = (MARGIN + CELL[0] * column, MARGIN + CELL[1] * row)
            colour = DIM if letter.italics else COLOURS.get(letter.fg, FOREGROUND)
            pen.text(at, letter.data, colour, fonts[letter.bold])
            if letter.underscore:
                pen.line((at[0], at[1] + 29, at[0] + CELL[0], at[1] + 29), colour, 2)
    image.save(path, optimize=True)


_FONT_NAMES = {False: "DejaVuSansMono.ttf", True: "DejaVuSansMono-Bold.ttf"}


@contextmanager
def a_busy_afternoon() -> Iterator[dict[str, str]]:
    """Have a server with a machine that several people use; yield the environment that leads to it."""
    machines = [
        SimulatedMachine(24, "rack", ("default",), ((2, 1, 1),), ()),
        SimulatedMachine(3, "lab", ("lab",), (), ()),
    ]
    with Sandbox(machines=machines, power_on_seconds=3.0) as sandbox, tempfile.TemporaryDirectory() as home:
        environ = {
            **sandbox.environ(),
            "HOME": home,
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
            "SPALLOC_OWNER": "you@example.org",
        }
        jobs = [
            Job(*what, owner=f"{name}@example.org", hostname=sandbox.hostname, port=sandbox.port, config_filenames=[])
            for what, name in (((3,), "ada"), ((6,), "grace"), ((1,), "alan"), ((3,), "ada"))
        ]
        for job in jobs:
            job.wait_until_ready(60)
        yield environ
        for job in jobs:
            job.destroy()


def main() -> None:
    """Take the pictures."""
    directory = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")
    directory.mkdir(parents=True, exist_ok=True)
    with a_busy_afternoon() as environ:
        spalloc = Session(["spalloc", "3"], environ, 80, 24)
        spalloc.read_until("Press Enter")
        draw(spalloc.screen, directory / "spalloc.png")
        waiting = Session(["spalloc", "12"], {**environ, "SPALLOC_OWNER": "linus@example.org"}, 80, 24)
        waiting.read_until("queued")
        for name, words in (("spalloc-ps", ["spalloc-ps"]), ("spalloc-machine", ["spalloc-machine", "rack", "-d"])):
            session = Session(words, environ, 110, 40)
            session.read_until(None)
            draw(session.screen, directory / f"{name}.png")
        for session, keys in ((waiting, "\x03"), (spalloc, "\r")):
            session.press(keys)
            session.read_until(None)


if __name__ == "__main__":
    main()
