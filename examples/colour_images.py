"""Images of the size of CIFAR-10, 32 × 32 in colour, with checkpoints by the clock and a table of what was reached.

Where `Data/` holds CIFAR-10 (`Generator.datasets.download_cifar10()` fetches it), that is learnt; or else pictures of
ten things of the same names, which are drawn.
"""

from Generator.datasets import CIFAR_CLASSES, ImageSet, cifar10
from Generator.draw_sample_data import draw_sample_data
from Layers import BatchNormalization, Conv, Flatten, FullyConnected, Initializers, ReLU, SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization import Loss, Optimizers
from Training.callbacks import Checkpoint, CsvLog, Progress


def main(epochs: int = 15, drawn: int = 3000, folder: str = "results") -> None:
    """Train, and print how good the network is on images that it has never seen."""
    try:
        images = cifar10("Data")
    except FileNotFoundError:
        images = ImageSet(*draw_sample_data(drawn, seed=2), *draw_sample_data(drawn // 6, seed=1), CIFAR_CLASSES)
    data = images.data_layer(50, mirroring="horizontal", shift=0.1, dtype="float32", rng=0)
    net = NeuralNetwork(Optimizers.Adam(1e-3), Initializers.He(rng=0), Initializers.Constant(0), dtype="float32")
    net.loss_layer = Loss.CrossEntropyLoss()
    for channels, kernels in ((3, 16), (16, 32), (32, 64)):
        net.append_layer(Conv.Conv(2, (channels, 3, 3), kernels))  # a stride of 2 halves height and width
        net.append_layer(BatchNormalization.BatchNormalization(kernels))
        net.append_layer(ReLU.ReLU())
    for layer in (Flatten.Flatten(), FullyConnected.FullyConnected(64 * 4 * 4, 10), SoftMax.SoftMax()):
        net.append_layer(layer)
    callbacks = [Progress(), Checkpoint(f"{folder}/colour_images", minutes=5), CsvLog(f"{folder}/colour_images.csv")]
    net.fit(data, epochs=epochs, validation_data=data.validation, callbacks=callbacks)
    print(net.evaluate(data.validation, metrics=["accuracy", "top_3"]))


if __name__ == "__main__":
    main()
