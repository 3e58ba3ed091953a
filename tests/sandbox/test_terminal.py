"""spalloc-sandbox in a terminal: Ctrl-C reaches a command once."""

import sys
from pathlib import Path

import pexpect

COMMAND = str(Path(sys.executable).with_name("spalloc-sandbox"))

COUNT = """
import signal, time
got = []
signal.signal(signal.SIGINT, lambda *_: got.append(1))
print("ready", flush=True)
while not got:
    time.sleep(0.01)
time.sleep(0.5)
print("interrupts:", len(got))
"""


def test_control_c_reaches_the_command_once():
    with pexpect.spawn(COMMAND, ["run", sys.executable, "-c", COUNT], timeout=120) as terminal:
        terminal.expect("ready")
        terminal.sendintr()
        terminal.expect(r"interrupts: (\d+)")
        assert terminal.match[1] == b"1"
        terminal.expect(pexpect.EOF)
        terminal.close()
        assert terminal.exitstatus == 0


def test_control_c_ends_serve_without_a_word():
    with pexpect.spawn(COMMAND, ["serve"], timeout=120) as terminal:
        terminal.expect("export SPALLOC_OWNER=.*\n")
        terminal.sendintr()
        terminal.expect(pexpect.EOF)
        assert b"Traceback" not in terminal.before
        terminal.close()
        assert terminal.exitstatus == 0


def test_a_closed_terminal_ends_serve():
    terminal = pexpect.spawn(COMMAND, ["serve"], timeout=120)
    terminal.expect("export SPALLOC_OWNER=")
    terminal.ptyproc.delayafterclose = terminal.ptyproc.delayafterterminate = 3  # until pexpect takes to signals
    terminal.close(force=False)
    assert not terminal.isalive()
