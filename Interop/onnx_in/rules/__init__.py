"""The rules: for each operator of ONNX what a network has for it."""
