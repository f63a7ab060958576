"""How well numbers are heard: `python -m bench.capture --json`."""
