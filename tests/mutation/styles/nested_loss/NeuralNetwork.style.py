import copy
import os
import pickle


class NeuralNetwork:
    def __init__(self, optimizer, weights_initializer=None, bias_initializer=None):
        self.optimizer = optimizer
        self.weights_initializer = weights_initializer
        self.bias_initializer = bias_initializer
        self.loss = []
        self.layers = []
        self.data_layer = None
        self.loss_layer = None

    def append_layer(self, layer):
        if layer.trainable:
            layer.optimizer = copy.deepcopy(self.optimizer)
            if self.weights_initializer is not None:
                layer.initialize(self.weights_initializer, self.bias_initializer)
        self.layers.append(layer)

    @property
    def phase(self):
        return self.layers[0].testing_phase

    @phase.setter
    def phase(self, phase):
        for layer in self.layers:
            layer.testing_phase = phase

    def regularization_loss(self):
        return sum(layer.calculate_regularization_loss() for layer in self.layers)

    def predict(self, tensor):
        for layer in self.layers:
            tensor = layer.forward(tensor)
        return tensor

    def forward(self):
        input_tensor, self.label_tensor = self.data_layer.next()
        prediction = self.predict(input_tensor)
        return self.loss_layer.forward(prediction, self.label_tensor) + self.regularization_loss()

    def backward(self):
        error = self.loss_layer.backward(self.label_tensor)
        for layer in reversed(self.layers):
            error = layer.backward(error)

    def train(self, iterations):
        self.phase = False
        for _ in range(iterations):
            self.loss.append(self.forward())
            self.backward()

    def test(self, input_tensor):
        self.phase = True
        return self.predict(input_tensor)

    def __getstate__(self):
        state = self.__dict__.copy()
        state["data_layer"] = None
        return state


def save(filename, net):
    folder = os.path.dirname(filename)
    if folder:
        os.makedirs(folder, exist_ok=True)
    with open(filename, "wb") as file:
        pickle.dump(net, file)


def load(filename, data_layer):
    with open(filename, "rb") as file:
        net = pickle.load(file)
    net.data_layer = data_layer
    return net
