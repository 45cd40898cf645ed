"""The pictures of the course, one module for each: `python -m Protocols show NAME`."""
