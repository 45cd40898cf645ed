"""What cannot be done, in words for whoever asked for it."""


class Problem(Exception):
    """Ends a command with one clear line and the exit status 2."""
