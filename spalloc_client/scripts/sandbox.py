"""The command ``spalloc-sandbox``: a real spalloc server with simulated boards, and what to do with it."""

import argparse
import importlib.util
import os
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import NoReturn

from spalloc_client.exceptions import SandboxError
from spalloc_client.sandbox.sandbox import INSTALL, Sandbox, check_computer

_SERVE = "Run the server alone, and say how to reach it, until Ctrl-C."
_RUN = "Run a command, or a notebook without a browser, that finds the server; then end it."
_LAB = "Run the server and JupyterLab on a notebook, until Ctrl-C."

_EXAMPLES = """\
examples:
  spalloc-sandbox lab                            JupyterLab on the quick-start
  spalloc-sandbox serve --boards 120             a server for other programs
  spalloc-sandbox run spalloc 3 -c "echo {}"     a command that finds the server
  spalloc-sandbox run my_notebook.ipynb          a notebook, without a browser
"""

_COMMAND_NOT_RUNNABLE = 126
_COMMAND_NOT_FOUND = 127
_INTERRUPTED = 130


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with `arguments` (None: those of the process) and return its exit code."""
    options = _parser().parse_args(arguments)
    do: Callable[[argparse.Namespace], int] = options.do
    try:
        check_computer()
        _let_signals_interrupt()
        return do(options)
    except SandboxError as error:
        print(f"spalloc-sandbox: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains at its end
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="spalloc-sandbox",
        description="Run a real spalloc server with simulated boards on this computer.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    version = f"%(prog)s {metadata.version('spalloc-jupyter')}"
    parser.add_argument("--version", "-V", action="version", version=version)
    commands = parser.add_subparsers(metavar="{serve,run,lab}", dest="command", required=True)
    serve = commands.add_parser("serve", parents=[_server_options()], help=_SERVE, description=_SERVE)
    serve.set_defaults(do=_serve)
    usage = "%(prog)s [-h] [--boards N] [--port N] [--power-on-seconds S] COMMAND ..."
    run = commands.add_parser("run", parents=[_server_options()], usage=usage, help=_RUN, description=_RUN)
    run.add_argument(
        "words", nargs=argparse.REMAINDER, metavar="COMMAND ...", help="a command, or a notebook (*.ipynb)"
    )
    run.set_defaults(do=_run)
    lab = commands.add_parser("lab", parents=[_server_options()], help=_LAB, description=_LAB)
    lab.add_argument("--lab-port", type=_port, metavar="N", help="JupyterLab's port (default: a free one from 8888)")
    lab.add_argument("--no-browser", action="store_true", help="do not open a browser")
    lab.add_argument("notebook", nargs="?", type=Path, metavar="NOTEBOOK", help="default: the quick-start notebook")
    lab.set_defaults(do=_lab)
    return parser


def _server_options() -> _Parser:
    options = _Parser(add_help=False)
    options.add_argument(
        "--boards", type=int, default=24, metavar="N", help="1, 3, 24, 120 or 1200 simulated boards (default: 24)"
    )
    options.add_argument("--port", type=_port, metavar="N", help="the spalloc server's port (default: any free one)")
    options.add_argument(
        "--power-on-seconds",
        type=_seconds,
        default=1.5,
        metavar="S",
        help="how long boards take to switch on (default: 1.5)",
    )
    return options


def _port(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port; ports are 1 to 65535")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is no time from 0 to 3600 seconds")
    return seconds


def _let_signals_interrupt() -> None:
    """Let the signals that end a program raise KeyboardInterrupt, the first of them, once."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup's wish is respected
            signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _start(options: argparse.Namespace) -> Sandbox:
    return Sandbox(options.boards, port=options.port, power_on_seconds=options.power_on_seconds)


def _serve(options: argparse.Namespace) -> int:
    with _start(options) as sandbox:
        _say_where(sandbox)
        print("\nFor a configuration file, such as .spalloc in the current directory:\n\n[spalloc]")
        for name, value in sandbox.environ().items():
            print(f"{name.removeprefix('SPALLOC_').lower()} = {value}")
        print("\nOr for a shell:\n")
        for name, value in sandbox.environ().items():
            print(f"export {name}={shlex.quote(value)}")
        print(flush=True)
        with suppress(KeyboardInterrupt):  # that is how to end it
            sandbox.wait()
    return 0


def _say_where(sandbox: Sandbox) -> None:
    boards = sum(machine.boards for machine in sandbox.machines)
    plural = "board" if boards == 1 else "boards"
    where = f"{sandbox.hostname}, port {sandbox.port}"
    print(f"A spalloc server with {boards} simulated {plural} runs at {where}. Ctrl-C ends it.", flush=True)


def _run(options: argparse.Namespace) -> int:
    words = options.words[1:] if options.words[:1] == ["--"] else options.words
    if not words:
        raise SandboxError("Say which command to run, such as: spalloc-sandbox run spalloc 3")
    from spalloc_client.sandbox.running import find_command, run_command, with_own_commands

    environ = with_own_commands(os.environ)
    notebook = Path(words[0]) if words[0].endswith(".ipynb") else None
    if notebook is not None:
        words = _notebook_command(notebook, words[1:])
    file = find_command(words[0], environ)
    if file is None:
        print(f"spalloc-sandbox: There is no command {words[0]!r}.", file=sys.stderr)
        return _COMMAND_NOT_FOUND
    with _start(options) as sandbox:
        environ |= sandbox.environ()
        if notebook is not None:
            from spalloc_client.sandbox.jupyter import jupyter_environ

            environ = jupyter_environ(sandbox.directory / "jupyter", environ)
        try:
            return run_command(file, words, environ)
        except OSError as error:
            print(f"spalloc-sandbox: {file} cannot be run: {error.strerror}.", file=sys.stderr)
            return _COMMAND_NOT_RUNNABLE


def _notebook_command(notebook: Path, rest: Sequence[str]) -> list[str]:
    if rest:
        raise SandboxError(f"A notebook takes no arguments; given were {shlex.join(rest)}.")
    _need_file(notebook)
    _need_package("nbclient")
    return [sys.executable, "-P", "-m", "spalloc_client.scripts.sandbox_notebook", str(notebook)]


def _lab(options: argparse.Namespace) -> int:
    from spalloc_client.sandbox.lab import Lab, quickstart
    from spalloc_client.sandbox.running import with_own_commands

    _need_package("jupyterlab")
    notebook = options.notebook or quickstart()
    _need_file(notebook)
    browser = not options.no_browser and bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    with _start(options) as sandbox:
        environ = with_own_commands({**os.environ, **sandbox.environ()})
        with Lab(notebook, sandbox.directory / "jupyter", environ, port=options.lab_port, browser=browser) as lab:
            _say_where(sandbox)
            print(f"JupyterLab with {notebook.name}:\n\n    {lab.address}\n", flush=True)
            with suppress(KeyboardInterrupt):  # that is how to end it
                lab.wait()
    return 0


def _need_file(notebook: Path) -> None:
    if not notebook.is_file():
        raise SandboxError(f"There is no notebook {notebook}.")


def _need_package(name: str) -> None:
    if importlib.util.find_spec(name) is None:
        raise SandboxError(f"{name} is not installed: {INSTALL}")
