"""The README's commands are the ones that are tested."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def commands():
    return re.findall(r"^\$ (.*)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_test_command_is_what_runs_on_every_change():
    (test_command,) = [command for command in commands() if "pytest" in command]
    assert test_command in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_every_picture_is_there():
    pictures = re.findall(r"!\[.+?\]\((.+?)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert pictures
    assert [picture for picture in pictures if not (ROOT / picture).is_file()] == []


def test_every_link_to_a_file_leads_somewhere():
    links = re.findall(r"[^!]\[[^\]]+\]\((?!https?:)([^)#]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []
