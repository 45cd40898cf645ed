class BaseLayer:
    def __init__(self):
        self.trainable = False
        self.testing_phase = False
        self.weights = None

    def calculate_regularization_loss(self):
        regularizer = getattr(getattr(self, "optimizer", None), "regularizer", None)
        return 0 if regularizer is None or not self.trainable else regularizer.norm(self.weights)
