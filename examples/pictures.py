"""Pictures of your own: a folder with `train` and `test`, each of which has a folder for each class.

Run it again, and it goes on where it stopped. Without such a folder, 600 pictures of ten things are drawn into it.
"""

import sys
from pathlib import Path

from Generator.data_layer import ImageData
from Generator.datasets import picture_folder
from Generator.draw_sample_data import write_picture_folder
from Models import LeNet
from NeuralNetwork import NeuralNetwork
from Training.callbacks import Checkpoint, Progress


def main(folder: str = "results/pictures", *, epochs: int = 30) -> None:
    """Train on what is left of the epochs, and tell what pictures of the test part show, read from their files."""
    if not Path(folder).exists():
        write_picture_folder(f"{folder}/train", 480)
        write_picture_folder(f"{folder}/test", 120, seed=1)
    training, test = picture_folder(folder, 50, [32, 32, 3], rng=0, mirroring="horizontal", angle=10, shift=0.1)
    data, saved = ImageData(training, test), Path(f"{folder}.network")
    net = LeNet.build((3, 32, 32), data.number_of_classes, learning_rate=1e-3, rng=0, dtype="float32")
    callbacks = [Progress(), Checkpoint(saved)]
    resume = saved if saved.exists() else None
    net.fit(data, epochs=epochs, validation_data=data.validation, callbacks=callbacks, resume=resume)
    print("on pictures kept back:", net.evaluate(data.validation))
    for file in sorted(Path(folder, "test").glob("*/*.[jp]*g"))[::30]:
        print(file, "shows", NeuralNetwork.load(saved, None).classify(file))  # as another program does


if __name__ == "__main__":
    main(*sys.argv[1:2])
