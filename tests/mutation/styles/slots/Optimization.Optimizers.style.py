import math


class Optimizer:
    __slots__ = ("regularizer",)

    def __init__(self):
        self.regularizer = None

    def add_regularizer(self, regularizer):
        self.regularizer = regularizer

    def __call__(self, w, g):
        if self.regularizer:
            return w - self.learning_rate * self.regularizer.calculate_gradient(w) + self.step(g)
        return w + self.step(g)

    def calculate_update(self, weight_tensor, gradient_tensor):
        return self(weight_tensor, gradient_tensor)


class Sgd(Optimizer):
    __slots__ = ("learning_rate",)

    def __init__(self, learning_rate):
        super().__init__()
        self.learning_rate = learning_rate

    def step(self, g):
        return -self.learning_rate * g


class SgdWithMomentum(Sgd):
    __slots__ = ("momentum_rate", "v")

    def __init__(self, learning_rate, momentum_rate=0.9):
        super().__init__(learning_rate)
        self.momentum_rate, self.v = momentum_rate, None

    def step(self, g):
        plain = Sgd.step(self, g)
        self.v = plain if self.v is None else self.momentum_rate * self.v + plain
        return self.v


class Adam(Sgd):
    __slots__ = ("moments", "mu", "rho")

    def __init__(self, learning_rate, mu=0.9, rho=0.999):
        super().__init__(learning_rate)
        self.mu, self.rho = mu, rho
        self.moments = {"k": 0, "v": 0.0, "r": 0.0}

    def step(self, g):
        m = self.moments
        m.update(k=m["k"] + 1, v=self.mu * m["v"] + (1 - self.mu) * g, r=self.rho * m["r"] + (1 - self.rho) * (g * g))
        scale = math.sqrt(1 - self.rho ** m["k"])
        return -self.learning_rate * (scale / (1 - self.mu ** m["k"])) * m["v"] / (m["r"] ** 0.5 + scale * 1e-8)
