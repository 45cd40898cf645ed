"""Drawn losses, optimizers, regularizers, schedules and initializers: for each class its arguments."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from Foundation.Configurable import Configurable
from Layers import Initializers
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
from tests.drawn.arrays import seeds
from tests.object_cases import LossCase

#: Gives the same new object at every call.
Maker = Callable[[], Any]
Makers = dict[type[Configurable], st.SearchStrategy[Maker]]


def makers(kind: type[Configurable], **arguments: st.SearchStrategy) -> st.SearchStrategy[Maker]:
    """Makers of a class all of whose arguments are drawn."""
    assert set(arguments) == set(kind.argument_names()), f"{kind.__name__}: each argument is to be drawn"

    def maker(drawn: dict[str, Any]) -> Maker:
        def make() -> Any:
            made = {name: value() if isinstance(value, Made) else copy.deepcopy(value) for name, value in drawn.items()}
            return kind(**made)

        return Made(make)

    return st.fixed_dictionaries(arguments).map(maker)


class Made:
    """A maker that shows what it makes."""

    def __init__(self, make: Maker) -> None:
        self.make = make

    def __call__(self) -> Any:
        return self.make()

    def __repr__(self) -> str:
        return repr(self.make())


def numbers(least: float, most: float) -> st.SearchStrategy[Any]:
    """Numbers as people write them: Python's, NumPy's, whole ones."""
    floats = st.floats(least, most, allow_subnormal=False)
    return floats | floats.map(np.float64) | st.integers(int(np.ceil(least)), int(most))


steps = st.integers(1, 30)
rates = numbers(0, 1)
factors = st.floats(0.01, 1) | st.just(1)

SCHEDULES: Makers = {
    Schedules.Constant: makers(Schedules.Constant, learning_rate=rates),
    StepDecay: makers(StepDecay, learning_rate=rates, steps=steps, factor=factors),
    ExponentialDecay: makers(ExponentialDecay, learning_rate=rates, steps=steps, factor=factors),
    LinearDecay: makers(LinearDecay, learning_rate=rates, steps=steps, end=rates),
    CosineDecay: makers(CosineDecay, learning_rate=rates, steps=steps, end=rates),
}
SCHEDULES[WarmUp] = makers(WarmUp, learning_rate=rates | st.one_of(*SCHEDULES.values()), steps=steps)
SCHEDULES[WarmUp] |= makers(WarmUp, learning_rate=SCHEDULES[WarmUp], steps=steps)

REGULARIZERS: Makers = {
    kind: makers(kind, alpha=numbers(0.01, 2), biases=st.booleans()) for kind in (L1_Regularizer, L2_Regularizer)
}

#: Learning rates that move something by no more than a little.
small_rates = st.floats(1e-4, 0.1) | st.one_of(*SCHEDULES.values())
regularizers = st.none() | st.one_of(*REGULARIZERS.values())
remembered_shares = st.floats(0, 0.999) | st.just(0)

OPTIMIZERS: Makers = {
    Sgd: makers(Sgd, learning_rate=small_rates, regularizer=regularizers),
    SgdWithMomentum: makers(
        SgdWithMomentum, learning_rate=small_rates, momentum_rate=remembered_shares, regularizer=regularizers
    ),
    Adam: makers(
        Adam, learning_rate=small_rates, mu=remembered_shares, rho=remembered_shares, regularizer=regularizers
    ),
    AdamW: makers(
        AdamW,
        learning_rate=small_rates,
        mu=remembered_shares,
        rho=remembered_shares,
        decay=numbers(0, 2),
        regularizer=regularizers,
    ),
    Nesterov: makers(Nesterov, learning_rate=small_rates, momentum_rate=remembered_shares, regularizer=regularizers),
    AdaGrad: makers(AdaGrad, learning_rate=small_rates, regularizer=regularizers),
    RMSprop: makers(RMSprop, learning_rate=small_rates, rho=remembered_shares, regularizer=regularizers),
}

INITIALIZERS: Makers = {
    Initializers.Constant: makers(Initializers.Constant, value=numbers(-2, 2)),
    Initializers.UniformRandom: makers(Initializers.UniformRandom, rng=seeds),
    Initializers.Xavier: makers(Initializers.Xavier, rng=seeds),
    Initializers.He: makers(Initializers.He, rng=seeds),
    Initializers.XavierUniform: makers(Initializers.XavierUniform, rng=seeds),
    Initializers.HeUniform: makers(Initializers.HeUniform, rng=seeds),
    Initializers.Orthogonal: makers(Initializers.Orthogonal, gain=numbers(-2, 2), rng=seeds),
}


# -- losses: each with predictions and labels, away from where it has no derivative


def distributions_of(samples: int, classes: int, soft: bool) -> Callable[[np.random.Generator], tuple]:
    def batch(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        predictions = rng.uniform(0.05, 1, (samples, classes))
        labels = (
            rng.dirichlet(np.ones(classes), samples) if soft else np.eye(classes)[rng.integers(0, classes, samples)]
        )
        return predictions / predictions.sum(axis=1, keepdims=True), labels

    return batch


def memberships_of(shape: tuple[int, ...], soft: bool) -> Callable[[np.random.Generator], tuple]:
    def batch(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        labels = rng.random(shape) if soft else rng.integers(0, 2, shape).astype(float)
        return rng.uniform(0.05, 0.95, shape), labels

    return batch


def distances_of(shape: tuple[int, ...], *kinks: float, repeated: int = 1) -> Callable[[np.random.Generator], tuple]:
    """Predictions that are off by no distance near a kink; labels of as many targets as are repeated."""

    def batch(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        distance = rng.uniform(-3, 3, shape)
        for kink in kinks:
            distance[np.abs(np.abs(distance) - kink) < 0.05] = kink + 0.1
        labels = rng.standard_normal((*shape[:-1], shape[-1] // repeated))
        return np.repeat(labels, repeated, axis=-1) + distance, labels

    return batch


samples, outputs = st.integers(2, 5), st.integers(2, 5)
matrices = st.tuples(samples, outputs)


@st.composite
def cross_entropies(draw) -> LossCase:
    shape = draw(matrices)
    weights = st.none() | st.lists(st.floats(0.1, 5), min_size=shape[1], max_size=shape[1])
    smoothing = st.just(0) | st.floats(0, 0.9)
    make = draw(makers(CrossEntropyLoss, class_weights=weights, label_smoothing=smoothing))
    return LossCase(make, distributions_of(*shape, soft=draw(st.booleans())))


@st.composite
def quantile_losses(draw) -> LossCase:
    shares = draw(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=3))
    targets = draw(st.integers(2, 3))
    make = draw(makers(QuantileLoss, quantiles=st.sampled_from([shares, tuple(shares), np.array(shares)])))
    return LossCase(make, distances_of((draw(samples), targets * len(shares)), 0, repeated=len(shares)))


@st.composite
def huber_losses(draw) -> LossCase:
    delta = draw(numbers(0.3, 3).filter(lambda delta: delta > 0))
    return LossCase(draw(makers(Huber, delta=st.just(delta))), distances_of(draw(matrices), 0, delta))


def number_losses(kind: type[Loss]) -> st.SearchStrategy[LossCase]:
    return st.builds(LossCase, makers(kind), matrices.map(lambda shape: distances_of(shape, 0)))


LOSSES: dict[type[Loss], st.SearchStrategy[LossCase]] = {
    CrossEntropyLoss: cross_entropies(),
    BinaryCrossEntropy: st.builds(
        LossCase, makers(BinaryCrossEntropy), st.builds(memberships_of, matrices, st.booleans())
    ),
    MeanSquaredError: number_losses(MeanSquaredError),
    MeanAbsoluteError: number_losses(MeanAbsoluteError),
    Huber: huber_losses(),
    QuantileLoss: quantile_losses(),
}
