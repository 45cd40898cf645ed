import numpy as np
from Layers.mathematics import elementwise

from Layers.Base import BaseLayer

TanH = type(
    "TanH",
    (BaseLayer,),
    dict(zip(("forward", "backward"), elementwise(np.tanh, lambda y: 1 - y * y)), __module__=__name__),
)
