"""Speed and memory, side by side with what else a user could pick: `python -m benchmarks.NAME`."""
