"""What ``%config SpallocMagics`` sets: the options of jobs and servers, for this kernel."""

from collections.abc import Mapping

import traitlets
from traitlets.config import Configurable

OPTION_NAMES = (
    "hostname",
    "owner",
    "port",
    "keepalive",
    "reconnect_delay",
    "timeout",
    "machine",
    "tags",
    "min_ratio",
    "max_dead_boards",
    "max_dead_links",
    "require_torus",
)


def _option(meaning: str) -> traitlets.Any:
    return traitlets.Any(None, allow_none=True, help=meaning).tag(config=True)


class Settings(Configurable):
    """The options of :class:`spalloc_client.Job`, each None where environment variables and config files decide."""

    hostname = _option("Name or IP address of the spalloc server.")
    owner = _option("Whose jobs these are, by convention an email address.")
    port = _option("TCP port of the spalloc server.")
    keepalive = _option("Seconds without a sign of life until the server destroys the job; 'None' for never.")
    reconnect_delay = _option("Seconds between attempts to connect again.")
    timeout = _option("Seconds to wait for an answer of the server; 'None' for no limit.")
    machine = _option("The one machine to use; 'None' for any.")
    tags = _option("Tags that the machine must have, with commas between them.")
    min_ratio = _option("How square boards asked for by number must lie: 1 for a square, 0 for any shape.")
    max_dead_boards = _option("How many boards of an allocation may be dead; 'None' for any number.")
    max_dead_links = _option("How many links within an allocation may be dead; 'None' for any number.")
    require_torus = _option("Whether wrap-around links are needed.")

    def options(self) -> dict[str, object]:
        """Return the options that are set here, by name, in the types that they have.

        Raises
        ------
        ConfigError
            If one is set to what it cannot be. Refusing it where it is set would leave the shell with a configuration
            that no extension can be loaded with.
        """
        set_here = {name: getattr(self, name) for name in OPTION_NAMES}
        return {name: _read(name, value) for name, value in set_here.items() if value is not None}

    def below(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return these options with those that a line gave above them.

        A machine on the line makes tags set here moot, and the other way round.
        """
        options = self.options()
        for name, other in (("machine", "tags"), ("tags", "machine")):
            if given.get(name) is not None:
                options.pop(other, None)
        return {**options, **given}


def _read(name: str, value: object) -> object:
    """Return an option's value in its own type; the text "None" stands for none."""
    from spalloc_client.options import OPTIONS

    option = next(option for option in OPTIONS if option.name == name)
    place = "%config SpallocMagics"
    return option.from_text(value, place) if isinstance(value, str) else option.from_value(value, place)
