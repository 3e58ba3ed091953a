"""The console scripts: parse, run, print, exit code."""
