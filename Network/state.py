"""What layers, optimizers and what belongs to them may hold: the same where it is written and where it is read."""

import Layers.State
import Optimization.State
from Foundation.SavedState import StateChecks

#: The packages whose classes a network's file finds by name alone, and whose attributes are all known.
LIBRARY = ("Foundation", "Layers", "Optimization", "Generator")

check_state = StateChecks([Layers.State.TABLE, Optimization.State.TABLE], LIBRARY, Layers.State.ASKED)
