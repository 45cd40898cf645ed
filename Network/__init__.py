"""The network's own rooms: what `NeuralNetwork.py` is made of, besides the chain of layers."""
