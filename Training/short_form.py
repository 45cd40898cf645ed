"""`net.fit` and `net.evaluate`: a trainer and an evaluation in one call."""

from typing import Any

from Foundation import Checks
from Network import expectations
from Training import data_sets
from Training.evaluation import Means, apart, average, test_step
from Training.metrics import DEFAULT, suited
from Training.trainer import Trainer


def fit(
    net: Any,
    X: Any,
    y: Any,
    epochs: int,
    validation_split: float,
    validation_data: Any,
    batch_size: int,
    callbacks: Any,
    metrics: Any,
    sample_weights: Any,
    shuffle: bool,
    rng: Any,
    resume: Any,
) -> Any:
    """Train; see `NeuralNetwork.fit`."""
    expectations.refuse_loss_layer(net.loss_layer, "forward(prediction_tensor, label_tensor)")
    share = Checks.number(validation_split, "fit", "validation_split", least=0, below=1)
    if share and validation_data is not None:
        raise ValueError("fit: expected validation_split or validation_data, got both")
    _refuse_labels_of_a_data_set("fit", X, y, sample_weights)
    if y is None:
        training = data_sets.for_training(X, net, batch_size)
    else:
        training = data_sets.of_arrays(
            (X, y, sample_weights), net, Checks.positive_integer(batch_size, "fit", "batch_size"), shuffle, rng
        )
    if share:
        if not hasattr(training, "split"):
            raise TypeError(
                f"fit: expected data that can be split, got {type(training).__name__}; pass validation_data (of "
                "an ImageData: data.validation)"
            )
        training, validation_data = training.split(share)
    counted = DEFAULT if metrics is None else metrics
    known, learnt = net.preparation, len(net.loss)
    try:
        trainer = Trainer(net, training, validation_data, callbacks, counted, batch_size=batch_size)
        return trainer.fit(epochs, resume=resume)
    except BaseException:
        if len(net.loss) == learnt:  # data that were refused leave nothing behind
            net.preparation = known
        raise


def evaluate(net: Any, X: Any, y: Any, metrics: Any, sample_weights: Any, batch_size: int) -> dict[str, float]:
    """Mean loss and metrics; see `NeuralNetwork.evaluate`."""
    _refuse_labels_of_a_data_set("evaluate", X, y, sample_weights)
    data = X if y is None else (X, y, sample_weights)
    size = Checks.positive_integer(batch_size, "evaluate", "batch_size")
    expectations.refuse_loss_layer(net.loss_layer, "forward(prediction, label)")
    means = Means(suited(DEFAULT if metrics is None else metrics, net.loss_layer), net.loss_layer)
    with apart(net):
        found = data_sets.for_validation(data, net, size, owner="evaluate", what="data")
        return average(found.batches(), lambda *batch: test_step(net, *batch), means, lambda: True)


def _refuse_labels_of_a_data_set(owner: str, X: Any, y: Any, sample_weights: Any) -> None:
    if y is None and sample_weights is not None:
        raise ValueError(f"{owner}: expected sample_weights beside arrays X and y; a data set has its own")
    if y is not None and (hasattr(X, "next") or hasattr(X, "batches")):
        raise TypeError(
            f"{owner}: expected labels y beside arrays X, got them beside a {type(X).__name__}; leave y out"
        )
