"""Several labels at once: which topics has a text? Each of them is a question of its own, answered by yes or no."""

from sklearn.datasets import make_multilabel_classification

from Generator.arrays import ArrayData
from Layers import BatchNormalization, FullyConnected, Initializers, ReLU, Sigmoid
from NeuralNetwork import NeuralNetwork
from Optimization import Loss, Optimizers
from Training.callbacks import EarlyStopping


def main(epochs: int = 50) -> None:
    """Train, and print how good the network is on texts that it has never seen."""
    words, topics = make_multilabel_classification(3000, n_features=50, n_classes=5, random_state=0)
    data, test = ArrayData(words, topics, rng=0).split(0.2)
    training, validation = data.split(0.2)
    net = NeuralNetwork(Optimizers.Adam(0.003), Initializers.Xavier(rng=0), Initializers.Constant(0))
    net.loss_layer = Loss.BinaryCrossEntropy()
    net.append_layer(BatchNormalization.BatchNormalization(50))
    net.append_layer(FullyConnected.FullyConnected(50, 32))
    net.append_layer(ReLU.ReLU())
    net.append_layer(FullyConnected.FullyConnected(32, 5))
    net.append_layer(Sigmoid.Sigmoid())
    stopping = EarlyStopping("validation_f1", patience=10)
    net.fit(training, epochs=epochs, validation_data=validation, callbacks=[stopping], metrics=["f1"])
    print(net.evaluate(test, metrics=["f1", "auc"]))
    print("the first three texts:", net.predict(words[:3]).round().astype(int).tolist(), topics[:3].tolist())


if __name__ == "__main__":
    main()
