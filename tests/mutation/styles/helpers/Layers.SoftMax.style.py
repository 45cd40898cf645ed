import numpy as np

from .Base import BaseLayer
from .mathematics import Rows


class SoftMax(BaseLayer):
    def forward(self, input_tensor):
        powers = np.exp(input_tensor - Rows.top(input_tensor))
        self.y = powers / Rows.total(powers)
        return self.y

    def backward(self, error_tensor):
        weighted = self.y * error_tensor
        return weighted - self.y * Rows.total(weighted)
