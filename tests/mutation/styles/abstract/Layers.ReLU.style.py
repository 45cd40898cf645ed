from Layers.Base import BaseLayer, KeepsInput


class ReLU(KeepsInput, BaseLayer):
    def forward(self, input_tensor):
        return self.keep(input_tensor).clip(min=0)

    def backward(self, error_tensor):
        return error_tensor * (self.input > 0)
