from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from Layers.Base import BaseLayer


@dataclass(eq=False)
class FullyConnected(BaseLayer):
    input_size: int
    output_size: int
    optimizer: Any | None = field(default=None, init=False)
    weights: NDArray[np.float64] = field(init=False, repr=False)
    gradient_weights: NDArray[np.float64] | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        super().__init__()
        self.trainable = True
        self.weights = np.random.uniform(0, 1, (self.input_size + 1, self.output_size))

    def initialize(self, weights_initializer: Any, bias_initializer: Any) -> None:
        shapes = (self.input_size, self.output_size), (1, self.output_size)
        parts = zip((weights_initializer, bias_initializer), shapes)
        self.weights = np.concatenate([each.initialize(shape, *shapes[0]) for each, shape in parts])

    def forward(self, input_tensor: NDArray[Any]) -> NDArray[np.float64]:
        self.input: NDArray[Any] = input_tensor
        return np.einsum("bi,io->bo", input_tensor, self.weights[:-1]) + self.weights[-1]

    def backward(self, error_tensor: NDArray[np.float64]) -> NDArray[np.float64]:
        error = np.einsum("bo,io->bi", error_tensor, self.weights[:-1])
        self.gradient_weights = np.r_[np.einsum("bi,bo->io", self.input, error_tensor), error_tensor.sum(0)[None]]
        if self.optimizer:
            self.weights = self.optimizer.calculate_update(self.weights, self.gradient_weights)
        return error
