"""Where commands are found: `commands/` of the checkout, or this folder once installed.

The wheel puts the top-level `commands` folder here. In a checkout that folder stands beside
`src`, so it is added to the search path: a new file there is a new command at once.
"""

from pathlib import Path

_here = Path(__file__).resolve().parent
if _here.parents[1].name == "src":
    __path__.append(str(_here.parents[2] / "commands"))
