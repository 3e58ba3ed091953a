"""The pages are built from nothing, without a warning and without a network; they tell all that there is."""

import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import spalloc_client
from spalloc_client.options import OPTIONS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Build the pages, tutorials included, which run meanwhile."""
    directory = tmp_path_factory.mktemp("pages")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-E", "-q", "-d", directory / "doctrees"]
    built = subprocess.run(
        [*command, DOCS, directory / "html"], capture_output=True, text=True, timeout=280, check=False
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return directory / "html"


def shown(pages, name):
    """Return the text of a page."""
    text = (pages / name).read_text(encoding="utf-8")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", text)).replace("&lt;", "<").replace("&gt;", ">")


def test_nothing_of_this_computer_is_told(pages):
    for page in pages.rglob("*.html"):
        assert str(ROOT) not in page.read_text(encoding="utf-8"), page


FETCHED = (
    re.compile(r'<(?:script|img|iframe|source)[^>]*\ssrc="(https?:[^"]*)'),
    re.compile(r'<link[^>]*rel="stylesheet"[^>]*href="(https?:[^"]*)'),
)


def test_nothing_is_fetched_from_elsewhere(pages):
    """A page is whole without a network."""
    for page in pages.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert [address for pattern in FETCHED for address in pattern.findall(text)] == [], page


def test_tutorials_show_what_they_did(pages):
    """Panels are there as the facts that they showed."""
    assert "127." in shown(pages, "notebooks/quickstart.html")
    assert "Booting job" in shown(pages, "notebooks/experiment.html")
    assert "grace@example.org" in shown(pages, "notebooks/machine-view.html")
    assert "did not answer in time" in shown(pages, "notebooks/when-things-go-wrong.html")
    assert (pages / "notebooks/maps-for-a-paper.html").read_text().count("<img") >= 6


@pytest.mark.parametrize(
    "name", ["spalloc", "spalloc-job", "spalloc-ps", "spalloc-machine", "spalloc-where-is", "spalloc-sandbox"]
)
def test_every_option_of_a_command_is_told(pages, name):
    text = shown(pages, "reference/commands.html")
    command = str(Path(sys.executable).with_name(name))
    for words in ([], ["serve"], ["run"], ["lab"]) if name == "spalloc-sandbox" else ([],):
        said = subprocess.run([command, *words, "--help"], capture_output=True, text=True, check=True).stdout
        options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", said)) - {"--help"}
        assert {option for option in options if option not in text} == set()


def test_every_setting_and_every_public_name_is_told(pages):
    settings = shown(pages, "reference/settings.html")
    assert [option.name for option in OPTIONS if option.name not in settings] == []
    inventory = "".join(page.read_text(encoding="utf-8") for page in (pages / "reference").glob("*.html"))
    names = [name for name in spalloc_client.__all__ if name != "__version__"]
    assert [name for name in names if not re.search(rf'id="spalloc_client\.(\w+\.)?{name}"', inventory)] == []


def test_every_public_method_of_a_job_is_told(pages):
    text = (pages / "reference/job.html").read_text(encoding="utf-8")
    job = importlib.import_module("spalloc_client.job").Job
    names = [name for name, _ in inspect.getmembers(job) if not name.startswith("_")]
    assert [name for name in names if f'id="spalloc_client.Job.{name}"' not in text] == []
