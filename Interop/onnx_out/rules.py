"""The rule of each layer, by its class."""

from collections.abc import Callable
from typing import Any

from Interop.onnx_out import composites, elementwise, features, images, normalizations, recurrent
from Interop.onnx_out.graph import Graph, Value
from Layers.AveragePooling import AveragePooling
from Layers.BatchNormalization import BatchNormalization
from Layers.Bidirectional import Bidirectional
from Layers.Chain import Chain
from Layers.Conv import Conv
from Layers.Dropout import Dropout
from Layers.ELU import ELU
from Layers.Embedding import Embedding
from Layers.Flatten import Flatten
from Layers.FullyConnected import FullyConnected
from Layers.GELU import GELU
from Layers.GlobalAveragePooling import GlobalAveragePooling
from Layers.GRU import GRU
from Layers.LastStep import LastStep
from Layers.LayerNormalization import LayerNormalization
from Layers.LeakyReLU import LeakyReLU
from Layers.LSTM import LSTM
from Layers.Parallel import Parallel
from Layers.Pooling import Pooling
from Layers.ReLU import ReLU
from Layers.Residual import Residual
from Layers.RNN import RNN
from Layers.Sigmoid import Sigmoid
from Layers.SiLU import SiLU
from Layers.SoftMax import SoftMax
from Layers.Softplus import Softplus
from Layers.TanH import TanH
from Layers.TransposedConv import TransposedConv
from Layers.Upsampling import Upsampling

Rule = Callable[[Any, Graph, Value], Value]

RULES: dict[type, Rule] = {
    AveragePooling: images.average_pooling,
    BatchNormalization: normalizations.batch_normalization,
    Bidirectional: composites.bidirectional,
    Chain: composites.chain,
    Conv: images.conv,
    Dropout: elementwise.dropout,
    ELU: elementwise.elu,
    Embedding: features.embedding,
    Flatten: features.flatten,
    FullyConnected: features.fully_connected,
    GELU: elementwise.gelu,
    GlobalAveragePooling: images.global_average_pooling,
    GRU: recurrent.cell,
    LastStep: features.last_step,
    LayerNormalization: normalizations.layer_normalization,
    LeakyReLU: elementwise.leaky_relu,
    LSTM: recurrent.cell,
    Parallel: composites.parallel,
    Pooling: images.pooling,
    ReLU: elementwise.relu,
    Residual: composites.residual,
    RNN: recurrent.cell,
    Sigmoid: elementwise.sigmoid,
    SiLU: elementwise.silu,
    SoftMax: elementwise.soft_max,
    Softplus: elementwise.softplus,
    TanH: elementwise.tanh,
    TransposedConv: images.transposed_conv,
    Upsampling: images.upsampling,
}


def has_rule(layer: Any) -> bool:
    """Whether there is a rule for the class of a layer itself; that of a class above would say something else."""
    return type(layer) in RULES


def rule_of(layer: Any) -> Rule:
    """The rule of a layer."""
    return RULES[type(layer)]
