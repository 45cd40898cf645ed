"""What `forward` and `backward` make anew, `self.x = x`, belongs to the pass: no copied or saved object has it."""

import functools
from collections.abc import Callable
from typing import Any

#: Whose formulas keep what they keep where it is known to belong to the pass, and are spared the time.
_ROOMS = ("Layers", "Optimization")


def note_what_passes_make(cls: Any) -> None:
    """Let both passes of a class of somebody's own note the attributes that they make, in `_made_by_passes`."""
    ours = cls.__module__.partition(".")[0] in _ROOMS
    for name in ("forward", "backward"):
        if name in vars(cls) and not (ours and hasattr(vars(cls)[name], "__wrapped__")):
            setattr(cls, name, _noting(vars(cls)[name]))


def _noting(formula: Callable[..., Any]) -> Callable[..., Any]:
    """Around a pass. The parameters of a layer are no part of it, whenever they are made."""

    @functools.wraps(formula)
    def noting(self: Any, *arguments: Any, **options: Any) -> Any:
        before = set(vars(self))
        try:
            return formula(self, *arguments, **options)
        finally:
            made = vars(self).keys() - before
            if made and hasattr(self, "parameter_names"):
                made -= {"weights", "bias", *self.parameter_names}
            if made:
                self._made_by_passes = self._made_by_passes | made

    return noting
