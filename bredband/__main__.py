"""Run the command line with ``python -m bredband``."""

from bredband.cli import main

main()
