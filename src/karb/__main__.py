"""`python -m karb` is `karb`."""

from karb.cli.main import main

main()
