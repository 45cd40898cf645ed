from Layers.mathematics import elementwise, sigmoid

from Layers.Base import BaseLayer


class Sigmoid(BaseLayer):
    forward, backward = elementwise(sigmoid, lambda y: y * (1 - y))
