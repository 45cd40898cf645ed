"""A table with a rare class: which tumours are malignant? With early stopping, class weights and a schedule.

The batch normalization in front learns how large the numbers of each column are, so that the table stays as it is.
"""

from sklearn.datasets import load_breast_cancer

from Generator.arrays import ArrayData
from Layers import BatchNormalization, FullyConnected, Initializers, ReLU, SoftMax
from NeuralNetwork import NeuralNetwork
from Optimization import Loss, Optimizers, Schedules
from Training.callbacks import EarlyStopping


def main(epochs: int = 50) -> None:
    """Train, and print how good the network is on a fifth of the table that it has never seen."""
    table = load_breast_cancer()
    data, test = ArrayData(table.data, table.target_names[table.target], rng=0).split(0.2)
    training, validation = data.split(0.2)
    schedule = Schedules.CosineDecay(0.01, epochs * training.number_of_batches)
    net = NeuralNetwork(Optimizers.Adam(schedule), Initializers.He(rng=0), Initializers.Constant(0))
    net.loss_layer = Loss.CrossEntropyLoss(class_weights=[1, 3])  # "benign", and "malignant", which must not be missed
    net.append_layer(BatchNormalization.BatchNormalization(30))
    net.append_layer(FullyConnected.FullyConnected(30, 16))
    net.append_layer(ReLU.ReLU())
    net.append_layer(FullyConnected.FullyConnected(16, 2))
    net.append_layer(SoftMax.SoftMax())
    history = net.fit(training, epochs=epochs, validation_data=validation, callbacks=[EarlyStopping(patience=20)])
    metrics = ["accuracy", "balanced_accuracy", "recall"]
    print(f"{history.epochs} epochs; on the test set:", net.evaluate(test, metrics=metrics))
    print("The first tumour of the table:", net.classify(table.data[0]))


if __name__ == "__main__":
    main()
