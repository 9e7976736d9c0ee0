"""How fast karb is, beside a floor and its peers: `python tests/perf/bench.py --help`."""

import runpy
import sys
from pathlib import Path

# As a script it is found by its path; the modules beside it are found from the folder above.
sys.path.insert(0, str(Path(__file__).parents[1]))
runpy.run_module("perf.run", run_name="__main__", alter_sys=True)
