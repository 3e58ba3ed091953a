"""What the five commands do, as functions that return values, and their options, told once.

The console scripts print what these return, the notebook's magics show it. Nothing here prints, or knows a terminal.
"""
