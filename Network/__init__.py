"""What `NeuralNetwork.py` is made of: the way through the layers, the step, the table, the search for NaN."""
