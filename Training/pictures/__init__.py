"""Pictures of a training run, of what a network gets right and wrong, and of what it looks at.

    from Training import pictures

    pictures.batch_losses(net.loss)                               # in a notebook, it shows itself
    pictures.curves(history, filename="history.png")              # written to a file, too
    axes = pictures.kernels(net)                                  # Matplotlib's axes, to be changed
    pictures.saliency(net, image, axes=axes)                      # drawn on axes that are there

None of them needs a window, changes a setting of Matplotlib's, or leaves a trace in the network: phase, gradients,
states and random numbers stay what they are. Colours differ for colour-blind eyes, too.
"""

from Training.pictures.classification import confusion_matrix as confusion_matrix
from Training.pictures.classification import predictions as predictions
from Training.pictures.curves import batch_losses as batch_losses
from Training.pictures.curves import curve as curve
from Training.pictures.curves import curves as curves
from Training.pictures.curves import learning_rate as learning_rate
from Training.pictures.learnt import feature_maps as feature_maps
from Training.pictures.learnt import kernels as kernels
from Training.pictures.learnt import saliency as saliency
from Training.pictures.network import diagram as diagram
from Training.pictures.network import parameter_sizes as parameter_sizes
