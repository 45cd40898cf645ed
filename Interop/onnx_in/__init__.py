"""ONNX operators as layers.

`file.py` reads a stranger's file, `reader.py` goes through its operators by the rules in `rules/`. What they give are
`points.py`: values of the network to be, each with the layer that makes it. `structure.py` puts the layers in a row,
and branches into layers that hold them; `model.py` makes the network.
"""
