"""Data on their way to a network: pictures that are read, resized and augmented, and arrays; handed over in batches.

The course's two modules are `generator` (class `ImageGenerator`) and `pattern` (classes `Checker`,
`Circle` and `Spectrum`). What a training run needs beyond them: `data_layer` (the door to the network),
`datasets` (MNIST, CIFAR-10, a folder of pictures, the sample pictures), `checking` (a look at all pictures of a folder)
and `download`; and `arrays` for everything that is no picture. Every other module is one step of the way, in a file of
its own.

Importing this package imports none of them: a module is loaded when it is asked for.
"""

__all__ = ["arrays", "checking", "data_layer", "datasets", "download", "draw_sample_data", "generator", "pattern"]
