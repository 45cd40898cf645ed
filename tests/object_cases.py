"""The lists of losses, optimizers, regularizers, schedules and initializers that laws run over.

A public class that is missing from its list fails `test_every_class_is_on_its_list`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from Layers.Initializers import Constant, He, HeUniform, Orthogonal, UniformRandom, Xavier, XavierUniform
from Optimization import Schedules
from Optimization.Constraints import L1_Regularizer, L2_Regularizer
from Optimization.Loss import (
    BinaryCrossEntropy,
    CrossEntropyLoss,
    Huber,
    Loss,
    MeanAbsoluteError,
    MeanSquaredError,
    QuantileLoss,
)
from Optimization.Optimizers import AdaGrad, Adam, AdamW, Nesterov, RMSprop, Sgd, SgdWithMomentum
from Optimization.Schedules import CosineDecay, ExponentialDecay, LinearDecay, StepDecay, WarmUp


@dataclass(frozen=True)
class LossCase:
    """A loss, and predictions and labels for it, away from every kink and edge."""

    make: Callable[[], Loss]
    #: a batch of predictions and one of labels, from a random generator, in float64
    batch: Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]
    #: predictions and labels that the loss must refuse, with what the message says
    refused_predictions: tuple[tuple[list, str], ...] = ()
    refused_labels: tuple[tuple[list, str], ...] = ()

    def tensors(self, dtype: str = "float64", seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
        prediction, label = self.batch(np.random.default_rng(seed))
        return prediction.astype(dtype), label.astype(dtype)

    def __str__(self) -> str:
        return f"{self.make()!r} on {self.tensors()[0].shape}"


def one_hot(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.dirichlet(np.ones(4), 5), np.eye(4)[rng.integers(0, 4, 5)]


def soft(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.dirichlet(np.ones(3), 6), rng.dirichlet(np.ones(3), 6)


def multi_label(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.uniform(0.05, 0.95, (5, 4)), rng.integers(0, 2, (5, 4)).astype(float)


def soft_memberships(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.uniform(0.05, 0.95, (4, 3)), rng.random((4, 3))


def targets(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Predictions that are off by 0.1 to 0.8, or by 1.2 to 3, either way."""
    far = rng.integers(0, 2, (6, 3))
    distance = np.where(far, rng.uniform(1.2, 3, (6, 3)), rng.uniform(0.1, 0.8, (6, 3)))
    label = rng.standard_normal((6, 3))
    return label + distance * rng.choice([-1, 1], (6, 3)), label


def two_targets(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Three quantiles of each of two targets, none of which is hit."""
    label = rng.standard_normal((5, 2))
    return label.repeat(3, axis=1) + rng.uniform(0.1, 2, (5, 6)) * rng.choice([-1, 1], (5, 6)), label


NO_DISTRIBUTIONS = ([0.5, 0.4, 0.0], [1, 1, 0], [2, -1, 0], [0, 0, 0], [np.nan, 1, 0])

NOT_FINITE = ([[1, 2, np.nan]], [[np.inf, 2, 1], [1, 1, 1]], [[1, -np.inf, 0]])

LOSSES = [
    LossCase(
        CrossEntropyLoss,
        one_hot,
        refused_predictions=(([[0.6, 0.5, -0.1]], "put a SoftMax before the loss"),),
        refused_labels=tuple(([row], "expected every label to be a distribution") for row in NO_DISTRIBUTIONS),
    ),
    LossCase(CrossEntropyLoss, soft),
    LossCase(lambda: CrossEntropyLoss(class_weights=[1, 0, 2.5, 7], label_smoothing=0.1), one_hot),
    LossCase(lambda: CrossEntropyLoss(label_smoothing=0.2), soft),
    LossCase(
        BinaryCrossEntropy,
        multi_label,
        refused_predictions=(
            ([[0.6, 0.5, -0.1]], "from 0 to 1, got -0.1; put a Sigmoid before the loss"),
            ([[0.6, 1.1, 0.1]], "from 0 to 1, got 1.1; put a Sigmoid before the loss"),
        ),
        refused_labels=tuple(([row], "expected labels from 0") for row in ([0, 2, 1], [-1, 1, 0], [np.nan, 1, 0])),
    ),
    LossCase(BinaryCrossEntropy, soft_memberships),
    *(
        LossCase(make, batch, refused_labels=tuple((row, "labels of finite numbers, got") for row in NOT_FINITE))
        for make, batch in (
            (MeanSquaredError, targets),
            (MeanAbsoluteError, targets),
            (Huber, targets),
            (lambda: Huber(2.5), targets),
            (lambda: QuantileLoss([0.05, 0.5, 0.95]), two_targets),
        )
    ),
]

#: How each is made, so that its printed form makes it again.
OPTIMIZERS = [
    lambda: Sgd(0.1),
    lambda: Sgd(0.1, regularizer=L2_Regularizer(0.3)),
    lambda: Sgd(LinearDecay(0.1, 3)),
    lambda: SgdWithMomentum(0.1, 0.8),
    lambda: SgdWithMomentum(0.1, 0.8, regularizer=L1_Regularizer(0.2, biases=False)),
    lambda: SgdWithMomentum(ExponentialDecay(0.1, 2)),
    lambda: Adam(0.1),
    lambda: Adam(0.03, 0.5, 0.9, regularizer=L2_Regularizer(0.2, biases=False)),
    lambda: Adam(WarmUp(CosineDecay(0.1, 4), 2), regularizer=L1_Regularizer(0.3)),
    lambda: AdamW(0.1),
    lambda: AdamW(LinearDecay(0.1, 3), 0.5, 0.9, 0.3, regularizer=L1_Regularizer(0.2, biases=False)),
    lambda: Nesterov(0.1),
    lambda: Nesterov(ExponentialDecay(0.1, 2), 0.8, regularizer=L2_Regularizer(0.3)),
    lambda: AdaGrad(0.1),
    lambda: AdaGrad(LinearDecay(0.1, 3), regularizer=L2_Regularizer(0.2, biases=False)),
    lambda: RMSprop(0.1),
    lambda: RMSprop(StepDecay(0.1, 2), 0.5, regularizer=L1_Regularizer(0.3)),
]

#: Every class of them; each can be made from a learning rate alone.
OPTIMIZER_CLASSES = list(dict.fromkeys(type(make()) for make in OPTIMIZERS))

REGULARIZERS = [
    lambda: L1_Regularizer(0.3),
    lambda: L1_Regularizer(2, biases=False),
    lambda: L2_Regularizer(0.3),
    lambda: L2_Regularizer(2, biases=False),
]

SCHEDULES = [
    lambda: Schedules.Constant(0.3),
    lambda: StepDecay(0.8, 3, 0.5),
    lambda: StepDecay(0.1, 1),
    lambda: ExponentialDecay(0.8, 3, 0.5),
    lambda: ExponentialDecay(0.1, 1, 1),
    lambda: LinearDecay(0.8, 7),
    lambda: LinearDecay(0.3, 4, 0.1),
    lambda: CosineDecay(0.8, 7),
    lambda: CosineDecay(0.3, 4, 0.1),
    lambda: WarmUp(0.3, 4),
    lambda: WarmUp(LinearDecay(0.8, 5), 3),
    lambda: WarmUp(WarmUp(0.3, 2), 2),
]

INITIALIZERS = [
    lambda: Constant(0.3),
    lambda: UniformRandom(rng=1),
    lambda: Xavier(rng=2),
    lambda: He(rng=3),
    lambda: XavierUniform(rng=4),
    lambda: HeUniform(rng=5),
    lambda: Orthogonal(rng=6),
    lambda: Orthogonal(1.5, rng=7),
]


def shown(make: Callable[[], object]) -> str:
    """The name of a case in a test's report."""
    return repr(make())
