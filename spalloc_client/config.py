"""Where settings come from: defaults, three files, environment variables and arguments, each above the one before.

``python -m spalloc_client.config`` prints where files are looked for, and what each option is and why.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from spalloc_client.exceptions import ConfigError
from spalloc_client.options import OPTIONS, Value

_SECTION = "spalloc"
_BY_NAME = {option.name: option for option in OPTIONS}


class Config(NamedTuple):
    """One value an option; :data:`spalloc_client.options.OPTIONS` describes them.

    ``sources`` tells where each option that is not a default was set, in words.
    """

    hostname: str | None = None
    owner: str | None = None
    port: int = 22244
    keepalive: float | None = 60.0
    reconnect_delay: float = 5.0
    timeout: float | None = 5.0
    machine: str | None = None
    tags: tuple[str, ...] | None = None
    min_ratio: float = 0.333
    max_dead_boards: int | None = 0
    max_dead_links: int | None = None
    require_torus: bool = False
    sources: Mapping[str, str] = MappingProxyType({})

    @classmethod
    def load(
        cls,
        filenames: Iterable[str | os.PathLike[str]] | None = None,
        environ: Mapping[str, str] | None = None,
        arguments: Mapping[str, object] = MappingProxyType({}),
    ) -> Self:
        """Return the settings in force.

        Parameters
        ----------
        filenames
            Files to read, the least important first; None for :func:`search_path`, empty for no file. Those that
            do not exist, and directories, are passed over.
        environ
            Environment variables: ``SPALLOC_`` and the option's name in capitals; None for this process's own. An
            empty one counts as not set.
        arguments
            Options that were given explicitly, by name.

        Raises
        ------
        ConfigError
            If a file cannot be read or a value cannot be used; names the place, what was found and what was expected.
        """
        paths = search_path() if filenames is None else filenames
        layers = [_Layer.from_file(os.fspath(path)) for path in paths]
        layers.append(_Layer.from_environment(os.environ if environ is None else environ))
        layers.append(_Layer.from_arguments(arguments))
        values: dict[str, Any] = {}  # each checked by its option, so of the field's type
        sources: dict[str, str] = {}
        for layer in layers:
            for name in layer.overrules():
                values.pop(name, None)
                sources.pop(name, None)
            values.update(layer.values)
            sources.update(layer.sources)
        return cls(**values, sources=sources)


def search_path() -> tuple[str, str, str]:
    """Return the files that are read, the least important first: the system's, the user's, the working directory's."""
    system, user = _config_directories(os.environ) if sys.platform.startswith("linux") else _other_directories()
    # Not with pathlib: every command would start a twentieth later.
    return os.path.join(system, "spalloc"), os.path.join(user, "spalloc"), ".spalloc"  # noqa: PTH118 - as above


def _config_directories(environ: Mapping[str, str]) -> tuple[str, str]:
    """Return the system's and the user's directory of config files on Linux, as the XDG base directories have it.

    That is what platformdirs answers, too, after loading so much that a command would start a tenth later.
    """
    system = [path for path in environ.get("XDG_CONFIG_DIRS", "").split(os.pathsep) if path.startswith("/")]
    user = environ.get("XDG_CONFIG_HOME", "").strip()
    if not user.startswith("/"):
        user = os.path.expanduser("~/.config")  # noqa: PTH111 - as in the docstring
    return (system or ["/etc/xdg"])[0], user


def _other_directories() -> tuple[str, str]:
    """Return the same on any other system."""
    import platformdirs

    return platformdirs.site_config_dir(), platformdirs.user_config_dir()


class _Layer:
    """What one place sets."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.values: dict[str, Value] = {}
        self.sources: dict[str, str] = {}

    @classmethod
    def from_file(cls, path: str) -> Self:
        layer = cls(path)
        for name, text, line in _settings(path):
            source = f"{path}, line {line}"
            layer.values[name] = _BY_NAME[name].from_text(text, source)
            layer.sources[name] = source
        return layer

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        layer = cls("the environment")
        for option in OPTIONS:
            text = environ.get(option.variable, "")
            if text.strip():
                layer.sources[option.name] = f"environment variable {option.variable}"
                layer.values[option.name] = option.from_text(text, layer.sources[option.name])
        return layer

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, object]) -> Self:
        layer = cls("the arguments")
        for name, value in arguments.items():
            if name not in _BY_NAME:
                raise ConfigError(f"there is no option {name!r}; the options are {', '.join(_BY_NAME)}")
            layer.sources[name] = "argument"
            layer.values[name] = _BY_NAME[name].from_value(value, "argument")
        return layer

    def overrules(self) -> tuple[str, ...]:
        """Return the options set further down that lose their meaning here: a machine makes tags moot, and tags it."""
        machine, tags = self.values.get("machine"), self.values.get("tags")
        if machine is not None and tags is not None:
            raise ConfigError(f"{self.place} set both machine ({machine}) and tags; a server takes one or the other")
        if machine is not None:
            return ("tags",)
        return ("machine",) if tags is not None else ()


def _settings(path: str) -> Iterator[tuple[str, str, int]]:
    """Yield the name, text and line number of each known option in a file; other options are passed over."""
    try:
        with open(path, encoding="utf-8-sig") as file:  # noqa: PTH123 - pathlib would cost each command its import
            text = file.read()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not a text file in UTF-8, expected settings such as “owner = name”") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    import configparser

    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text, source=path)
    except configparser.MissingSectionHeaderError as error:
        raise ConfigError(
            f"{path}, line {error.lineno}: found {error.line.strip()!r}, expected the line [{_SECTION}] first"
        ) from None
    except configparser.Error as error:
        raise ConfigError(f"{path}: {' '.join(error.message.split())}") from None
    if not parser.has_section(_SECTION):
        return
    for name, value in parser.items(_SECTION):
        if name in _BY_NAME:
            yield name, value, _line_of(name, text)


def _line_of(name: str, text: str) -> int:
    """Return the number of the last line that sets an option (configparser keeps no line numbers)."""
    pattern = re.compile(rf"\s*{name}\s*[=:]", re.IGNORECASE)
    return max((number for number, line in enumerate(text.splitlines(), 1) if pattern.match(line)), default=1)


def main() -> int:
    """Print the search path, then each option with its value and where that came from; return the exit code."""
    print("Settings are read from these files, later ones above earlier ones:")
    for path in search_path():
        print(f"  {path}{'' if os.path.isfile(path) else '  (not there)'}")  # noqa: PTH113 - names are text here
    print("then from environment variables (SPALLOC_HOSTNAME …), then from arguments. In force here:")
    try:
        config = Config.load()
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 1
    for option in OPTIONS:
        value: object = getattr(config, option.name)
        shown = ", ".join(value) if isinstance(value, tuple) else value
        print(f"  {option.name:<15} = {shown!s:<24} {config.sources.get(option.name, 'default')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
