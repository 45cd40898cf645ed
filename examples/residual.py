"""A residual network, which learns what is to be added to its input in every block, on images of 32 × 32 in colour.

Where `Data/` holds CIFAR-10 (`Generator.datasets.download_cifar10()` fetches it), that is learnt, deeper and wider; or
else pictures of ten things, which are drawn.
"""

from Generator.datasets import CIFAR_CLASSES, ImageSet, cifar10
from Generator.draw_sample_data import draw_sample_data
from Models import ResNet
from Training.callbacks import Progress


def main(epochs: int = 8, drawn: int = 1000) -> None:
    """Train, and print how good the network is on images that it has never seen."""
    try:
        images, depth, width = cifar10("Data"), 20, 16
    except FileNotFoundError:
        images = ImageSet(*draw_sample_data(drawn, seed=2), *draw_sample_data(drawn // 4, seed=1), CIFAR_CLASSES)
        depth = width = 8
    data = images.data_layer(50, mirroring="horizontal", shift=0.1, dtype="float32", rng=0)
    net = ResNet.build(depth=depth, width=width, learning_rate=3e-3, dtype="float32", rng=0)
    net.fit(data, epochs=epochs, validation_data=data.validation, callbacks=[Progress()])
    print(net)
    print(net.evaluate(data.validation, metrics=["accuracy", "top_3"]))


if __name__ == "__main__":
    main()
