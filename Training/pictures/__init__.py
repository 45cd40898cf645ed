"""Pictures of a training run, of what a network gets right and wrong, and of what it looks at.

    from Training import pictures

    pictures.batch_losses(net.loss)                               # in a notebook, it shows itself
    pictures.curves(history, filename="history.png")              # written to a file, too
    axes = pictures.kernels(net)                                  # Matplotlib's axes, to be changed
    pictures.saliency(net, image, axes=axes)                      # drawn on axes that are there

Of a training run:

- `batch_losses(loss)`: the loss of every batch, and its running median.
- `curves(history)`: all that a history holds, side by side; `curve(history, key)`: one number of it.
- `learning_rate(rate, steps)`: the learning rate of each step.

Of what a classifier gets right and wrong:

- `confusion_matrix(true, predicted, names)`: how often each class was taken for each.
- `predictions(images, true, predicted, names)`: images with what they are, mistakes first.

Of what a network has learnt:

- `kernels(net, layer)`: the kernels of a convolution.
- `feature_maps(net, image, layer)`: what a layer makes of an image.
- `saliency(net, image, class_number)`: how much each pixel matters to a class.
- `parameter_sizes(net)`: how large the parameters of each layer are, and their gradients.
- `diagram(net)`: the layers from input to output.

Of any images:

- `gallery(images)`: images side by side.

None of them needs a window, changes a setting of Matplotlib's, or leaves a trace in the network: phase, gradients,
states and random numbers stay what they are. Colours differ for colour-blind eyes, too.
"""

from Training.pictures.classification import confusion_matrix as confusion_matrix
from Training.pictures.classification import predictions as predictions
from Training.pictures.curves import batch_losses as batch_losses
from Training.pictures.curves import curve as curve
from Training.pictures.curves import curves as curves
from Training.pictures.curves import learning_rate as learning_rate
from Training.pictures.images import gallery as gallery
from Training.pictures.learnt import feature_maps as feature_maps
from Training.pictures.learnt import kernels as kernels
from Training.pictures.learnt import saliency as saliency
from Training.pictures.network import diagram as diagram
from Training.pictures.network import parameter_sizes as parameter_sizes
