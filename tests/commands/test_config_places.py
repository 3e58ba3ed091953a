"""Where config files are looked for is what platformdirs says, although it is not asked on Linux."""

import os

import platformdirs
import pytest

from spalloc_client.config import search_path


@pytest.mark.parametrize("home", [None, "", "/somewhere/else", "relative"])
@pytest.mark.parametrize("dirs", [None, "", "/etc/one:/etc/two", "relative:/etc/two"])
def test_the_places_are_those_of_platformdirs(monkeypatch, home, dirs):
    for name, value in (("XDG_CONFIG_HOME", home), ("XDG_CONFIG_DIRS", dirs)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    system, user, here = (os.fspath(path) for path in search_path())
    assert (system, user) == (platformdirs.site_config_dir("spalloc"), platformdirs.user_config_dir("spalloc"))
    assert here == ".spalloc"
