"""What may happen during a training besides training.

    Trainer(net, data, validation, callbacks=[EarlyStopping(patience=5), Checkpoint("results/run"), Progress()])

One of one's own is derived from `Callback`.
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
