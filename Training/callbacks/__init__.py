"""What may happen during a training besides training.

    Trainer(net, data, validation, callbacks=[EarlyStopping(patience=5), Checkpoint("results/run"), Progress()])

- `EarlyStopping`: ends the training when a number has not got better for some epochs, with the best weights.
- `ReduceOnPlateau`: a smaller learning rate when a number has not got better for some epochs.
- `StopAt`: ends the training when the loss is small enough, or when time is up.
- `Checkpoint`: files of the network from which the training goes on to the same bits; the best one, too.
- `Progress`: the batches of each epoch, and what was reached in it, on the screen.
- `CsvLog`: the history as a table in a file, a row for each epoch.
- `TensorBoard`: the numbers of each epoch where TensorBoard finds them.
- `Watch`: what the first two are derived from, for one of one's own that watches a number.
- `Callback`: what all are derived from, and one of one's own: six hooks, each of which does nothing.
"""

from Training.callbacks.base import Callback as Callback
from Training.callbacks.files import Checkpoint as Checkpoint
from Training.callbacks.files import CsvLog as CsvLog
from Training.callbacks.progress import Progress as Progress
from Training.callbacks.stopping import StopAt as StopAt
from Training.callbacks.tensorboard import TensorBoard as TensorBoard
from Training.callbacks.watching import EarlyStopping as EarlyStopping
from Training.callbacks.watching import ReduceOnPlateau as ReduceOnPlateau
from Training.callbacks.watching import Watch as Watch
