"""Tables of wrong uses: what each of them meets, in the words that must stand there.

A file for each room. Its `scene()` gives what a row may name, small and made anew for each; its tables say the rest:

    ARGUMENTS = {"Dropout(@probability)": numbers(…)}     all that a kind of argument refuses, in the place of @
    MISUSES = [("dropout.backward([1.0])", RuntimeError, "Dropout … call forward first")]     one by one

    CLASSES = (Dropout, …)     each of whose constructor's arguments has a row
    MODULES = (…)              whose public classes are in that list, or
    NO_ROWS = {"History": "why there is nothing to refuse"}

Words are separated by … where anything may stand between. `tests/test_wrong_uses.py` runs the rows.
"""

ROOMS = ("layers", "sequences", "optimization", "network", "generator", "training")
