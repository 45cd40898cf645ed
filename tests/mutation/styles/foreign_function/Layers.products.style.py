import ctypes
import glob
import os

import numpy as np

found = glob.glob(os.path.join(os.path.dirname(np.__file__), "..", "numpy.libs", "*openblas64*"))
try:
    library = ctypes.CDLL(found[0]) if found else None
    multiply = library.scipy_cblas_dgemm64_
except (AttributeError, OSError):
    multiply = None


def product(a, b):
    a, b = np.ascontiguousarray(a, dtype=float), np.ascontiguousarray(b, dtype=float)
    (rows, inner), columns = a.shape, b.shape[1]
    memory = (ctypes.c_double * (rows * columns))()
    result = np.ctypeslib.as_array(memory).reshape(rows, columns)
    if multiply is None:
        np.matmul(a, b, out=result)
        return result
    pointers = [ctypes.c_void_p(array.ctypes.data) for array in (a, b, result)]
    sizes = [ctypes.c_int64(size) for size in (rows, columns, inner)]
    strides = [ctypes.c_int64(size) for size in (inner, columns, columns)]
    one, zero = ctypes.c_double(1), ctypes.c_double(0)
    multiply(
        101, 111, 111, *sizes, one, pointers[0], strides[0], pointers[1], strides[1], zero, pointers[2], strides[2]
    )
    return result
