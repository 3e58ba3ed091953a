"""A wheel holds everything that is needed at run time."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def build(kind, source, directory):
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(directory)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (built,) = directory.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


def test_it_holds_what_git_holds_of_the_packages(wheel):
    command = ["git", "ls-files", "spalloc_client", "spalloc_jupyter"]
    tracked = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    with zipfile.ZipFile(wheel) as archive:
        assert set(tracked) - set(archive.namelist()) == set()
        assert "spalloc_client/sandbox/quickstart.ipynb" in archive.namelist()
        assert not [name for name in archive.namelist() if name.startswith("tests")]


def test_the_source_distribution_makes_the_same_wheel(wheel, tmp_path):
    """Which is how a release is built, and an installation without wheels."""
    with tarfile.open(build("sdist", ROOT, tmp_path / "sdist")) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # not in all of Python 3.11
        archive.extractall(tmp_path / "source")
    (source,) = (tmp_path / "source").iterdir()
    assert list((source / "docs" / "notebooks").glob("*.ipynb")), "the pages can be built, too"
    with zipfile.ZipFile(wheel) as first, zipfile.ZipFile(build("wheel", source, tmp_path / "wheel")) as second:
        assert sorted(second.namelist()) == sorted(first.namelist())


def test_its_licence_types_and_commands(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = [archive.read(name).decode() for name in names if name.endswith("METADATA")]
        (scripts,) = [archive.read(name).decode() for name in names if name.endswith("entry_points.txt")]
    assert "License-Expression: Apache-2.0" in metadata
    assert "Requires-Python: >=3.11" in metadata
    assert {"spalloc_client/py.typed", "spalloc_jupyter/py.typed"} < set(names)
    assert [line.split(" = ")[0] for line in scripts.splitlines() if " = " in line] == [
        "spalloc",
        "spalloc-job",
        "spalloc-machine",
        "spalloc-ps",
        "spalloc-sandbox",
        "spalloc-where-is",
    ]


def test_it_works_without_the_checkout(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    # -I: neither the working directory nor PYTHONPATH; the wheel's content comes before the installed checkout.
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import spalloc_client.job, spalloc_client.sandbox as sandbox, spalloc_jupyter.magics, spalloc_client\n"
        f"assert spalloc_client.__file__.startswith({str(tmp_path)!r})\n"
        "with sandbox.Sandbox(boards=3) as server:\n"
        "    options = {'hostname': server.hostname, 'port': server.port, 'owner': 'me', 'config_filenames': []}\n"
        "    with spalloc_client.Job(3, **options) as job:\n"
        "        print(job.width, job.height, len(job.boards))\n"
    )
    result = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False)
    assert (result.stdout, result.stderr, result.returncode) == ("12 12 3\n", "", 0)
