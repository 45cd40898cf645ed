import math

import numpy as np


class Regularizer:
    def __init__(self, alpha):
        self.alpha = alpha

    def norm(self, weights):
        return self.alpha * math.fsum(self.price(w) for w in np.ravel(weights))

    def calculate_gradient(self, weights):
        return self.alpha * np.reshape([self.slope(w) for w in np.ravel(weights)], np.shape(weights))


class L1_Regularizer(Regularizer):
    price = staticmethod(abs)

    @staticmethod
    def slope(w):
        return (w > 0) - (w < 0) * 1.0


class L2_Regularizer(Regularizer):
    @staticmethod
    def price(w):
        return w * w

    @staticmethod
    def slope(w):
        return w
