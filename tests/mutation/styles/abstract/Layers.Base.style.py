import abc
import copy


class BaseLayer(abc.ABC):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.trainable = False
        self.testing_phase = False

    @abc.abstractmethod
    def forward(self, input_tensor): ...

    @abc.abstractmethod
    def backward(self, error_tensor): ...


class Steps:
    """A mixin for layers with parameters, each with an optimizer of its own."""

    parameters = ("weights",)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.trainable = True
        self._optimizers = dict.fromkeys(self.parameters)

    @property
    def optimizer(self):
        return self._optimizers["weights"]

    @optimizer.setter
    def optimizer(self, optimizer):
        self._optimizers = {name: copy.deepcopy(optimizer) for name in self.parameters}

    def step(self):
        for name, optimizer in self._optimizers.items():
            if optimizer is not None:
                setattr(self, name, optimizer.calculate_update(getattr(self, name), getattr(self, "gradient_" + name)))


class KeepsInput:
    """A mixin for layers that need their input on the way back."""

    def keep(self, input_tensor):
        self.input = input_tensor
        return input_tensor
