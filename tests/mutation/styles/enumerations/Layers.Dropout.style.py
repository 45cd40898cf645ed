import numpy as np

from Layers.Base import BaseLayer, Phase


class Dropout(BaseLayer):
    def __init__(self, probability):
        super().__init__()
        self.probability = probability
        self.factors = 1.0

    def forward(self, input_tensor):
        match self._phase:
            case Phase.TESTING:
                self.factors = 1.0
            case Phase.TRAINING:
                draws = np.random.uniform(size=np.shape(input_tensor))
                self.factors = np.floor(self.probability + draws) / self.probability
        return self.factors * input_tensor

    def backward(self, error_tensor):
        return self.factors * error_tensor
