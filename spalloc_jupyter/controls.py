"""The buttons of a job's panel: what each does, when it can be pressed, and what is said meanwhile."""

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from spalloc_client.states import JobState
from spalloc_jupyter.job_story import JobStory
from spalloc_jupyter.presses import AWAY, Buttons, show_if

if TYPE_CHECKING:
    import ipywidgets

__all__ = ["DOING", "Controls"]

DOING: Final = {
    "on": "Powering on: waiting for the server to say that it is done …",
    "off": "Powering off: waiting for the server to say that it is done …",
    "reset": "Resetting: waiting for the server to say that the boards are on again …",
    "destroy": "Destroying: waiting for the server to say that the boards are free …",
}
"""What is said while a press is being carried out."""

_POWER: Final = {
    "on": ("Power on", "Switch the boards on"),
    "reset": ("Reset", "Power-cycle the boards"),
    "off": ("Power off", "Switch the boards off"),
}

_SECOND_THOUGHT: Final = 0.6
"""Seconds after which a second press counts; presses that were queued while the kernel was busy come all at once."""


class Controls:
    """A row of buttons; those for the power are made when there are boards to switch.

    Parameters
    ----------
    make
        Makes the buttons.
    press
        Called with the name of what is wanted, ``on``, ``off``, ``reset`` or ``destroy``; must return at once.
    taken
        Called at each press that was taken in.
    """

    def __init__(self, make: Buttons, press: Callable[[str], None], taken: Callable[[], None]) -> None:
        self._make = make
        self._press = press
        self._taken = taken
        self._armed_at: float | None = None
        self._words = ""
        self.power: dict[str, ipywidgets.Button] = {}
        self._switches = make.row([], "spalloc-switches")
        self.destroy = make.button(
            "Destroy…", "destroy", "Give the boards back; asks once more", self._destroy, "spalloc-danger"
        )
        self.keep = make.button("Keep", "keep", "Do not destroy the job", self._keep, AWAY)
        self.bar = make.row([self._switches, self.keep, self.destroy], "spalloc-bar")

    def show(self, story: JobStory, doing: str) -> None:
        """Let those be pressed that make sense.

        Parameters
        ----------
        story
            The job.
        doing
            What is being carried out; empty for nothing.
        """
        ready = story.state is JobState.ready and not doing
        possible = {"on": ready and story.power is False, "reset": ready, "off": ready and story.power is not False}
        if story.allocation is not None and not self.power:
            self.power = {
                name: self._make.button(label, name, tooltip, partial(self._pressed, name), disabled=not possible[name])
                for name, (label, tooltip) in _POWER.items()
            }
        for name, one in self.power.items():
            one.disabled = not possible[name]
        self._switches.children = () if story.allocation is None else tuple(self.power.values())
        self._words = f"Destroy job {story.id}?"
        if doing == "destroy":
            self._arm(None)
        elif self._armed_at is not None:
            self.destroy.description = self._words
        self.destroy.disabled = doing == "destroy"

    def _pressed(self, name: str) -> None:
        self._taken()
        self._press(name)

    def _keep(self) -> None:
        self._taken()
        self._arm(None)

    def _destroy(self) -> None:
        self._taken()
        if self._armed_at is None:
            self._arm(time.monotonic())
        elif time.monotonic() - self._armed_at > _SECOND_THOUGHT:
            self._arm(None)
            self._press("destroy")

    def _arm(self, at: float | None) -> None:
        """Ask once more, or do not any more."""
        self._armed_at = at
        show_if(self.keep, at is not None)
        if at is None:
            self.destroy.description = "Destroy…"
            self.destroy.remove_class("spalloc-armed")
        else:
            self.destroy.description = self._words
            self.destroy.add_class("spalloc-armed")
