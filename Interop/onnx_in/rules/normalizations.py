"""Normalizations, in use."""

import sys

import numpy as np

from Interop.onnx_in.call import Anything, Call, length
from Layers.BatchNormalization import BatchNormalization
from Layers.LayerNormalization import LayerNormalization


def batch_normalization(call: Call) -> Anything:
    """BatchNormalization with its moving averages; an epsilon of 0 becomes the smallest number."""
    point = call.settled(call.flow(), 2, 3, 4)
    scale = call.parameter(1, "the scale", [None])
    channels = len(scale)
    shift, mean, variance = (
        call.parameter(place, what, [channels])
        for place, what in ((2, "the bias"), (3, "the mean"), (4, "the variance"))
    )
    if length(point.axes[1]) not in (None, channels):
        call.refuse(f"expected an input of {channels} channels, as its scale has, got {length(point.axes[1])}")
    call.require("training_mode", 0, 0, "a model is in use")
    call.require("spatial", 1, 1, "each channel is normalized over its pixels")
    if (variance < 0).any():
        call.refuse("expected variances that aren't negative")
    epsilon, momentum = call.number("epsilon", 1e-5), call.number("momentum", 0.9)
    layer = BatchNormalization(channels, decay=momentum or 0.9, epsilon=epsilon or sys.float_info.min)
    layer.weights, layer.bias = call.own(scale), call.own(shift)
    layer.moving_mean, layer.moving_variance = call.own(mean), call.own(variance)
    return call.made(layer, point, point.axes)


def layer_normalization(call: Call) -> Anything:
    """LayerNormalization of the last axis."""
    flow = call.flow()
    axis = call.axis(call.integer("axis", -1), len(flow.axes))
    if axis != len(flow.axes) - 1:
        call.refuse(f"expected the last axis alone, as LayerNormalization has it, got axis {axis} of {len(flow.axes)}")
    call.integer("stash_type", 1)
    scale = call.parameter(1, "the scale", [None])
    if length(flow.axes[-1]) not in (None, len(scale)):
        call.refuse(f"expected {len(scale)} features, as its scale has, got {length(flow.axes[-1])}")
    shift = np.zeros_like(scale) if call.given(2) is None else call.parameter(2, "the bias", [len(scale)])
    layer = LayerNormalization(len(scale), call.number("epsilon", 1e-5))
    layer.weights, layer.bias = call.own(scale), call.own(shift)
    return call.on_features(layer, flow)
