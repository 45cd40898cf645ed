"""Which test classes belong to a file: they are run first, as they will most likely see a mistake in it."""

_TESTS = {
    "Foundation/Moments.py": "TestBatchNorm",
    "Generator/augmentation.py": "TestGen",
    "Generator/epochs.py": "TestGen",
    "Generator/generator.py": "TestGen",
    "Generator/labels.py": "TestGen",
    "Generator/pattern.py": "TestCheckers TestCircle TestSpectrum",
    "Generator/picture_files.py": "TestGen",
    "Generator/picture_grid.py": "TestGen",
    "Generator/pixels.py": "TestGen",
    "Generator/randomness.py": "TestGen",
    "Generator/sources.py": "TestGen",
    "Layers/BatchNormalization.py": "TestBatchNorm",
    "Layers/Conv.py": "TestConv",
    "Layers/Dropout.py": "TestDropout",
    "Layers/Flatten.py": "TestFlatten",
    "Layers/FullyConnected.py": "TestFullyConnected TestInitializers",
    "Layers/Helpers.py": "TestHelpers",
    "Layers/Initializers.py": "TestInitializers",
    "Layers/Kernels/Winograd.py": "TestConv",
    "Layers/Kernels/correlation.py": "TestConv",
    "Layers/Kernels/windows.py": "TestConv",
    "Layers/LSTM.py": "TestLSTM",
    "Layers/Pooling.py": "TestPooling",
    "Layers/RNN.py": "TestRNN",
    "Layers/ReLU.py": "TestReLU",
    "Layers/Recurrent.py": "TestRNN TestLSTM",
    "Layers/Sigmoid.py": "TestSigmoid",
    "Layers/SoftMax.py": "TestSoftMax",
    "Layers/TanH.py": "TestTanH",
    "Layers/Windows.py": "TestPooling",
    "Layers/Base.py": "TestBase TestFullyConnected TestConv",
    "Models/LeNet.py": "TestLeNet",
    "NeuralNetwork.py": "TestNeuralNetwork TestNeuralNetwork2 TestBase TestNeuralNetwork3",
    "Optimization/Constraints.py": "TestConstraints",
    "Optimization/Loss.py": "TestCrossEntropyLoss",
    "Optimization/Optimizers.py": "TestOptimizers TestOptimizers2 TestConstraints",
    "Layers/__init__.py": "TestHelpers",
    "Optimization/__init__.py": "TestHelpers",
    "Models/__init__.py": "TestHelpers",
}


def classes_of(file: str) -> tuple[str, ...]:
    """The test classes of a file."""
    return tuple(_TESTS[file].split())
