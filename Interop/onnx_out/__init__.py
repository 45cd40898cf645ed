"""Layers as ONNX operators: `graph.py` is the graph that is written, `rules.py` finds the rule of a layer.

The other files are the rules, one function for each class of layer.
"""
