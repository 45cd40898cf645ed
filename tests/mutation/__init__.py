"""Does NeuralNetworkTests.py catch mistakes? Plant many, one at a time, and see: `python -m tests.mutation`.

Three questions, each with a bar that the script holds up (its exit status is not zero below it):

1. Is every well-known mistake caught, and does the message lead to it? `mistakes/` lists them.
2. Are mistakes that nobody thought of caught? `operators.py` changes every operator, constant, axis, sign,
   comparison and statement, one by one. `equivalent.txt` lists those that change nothing, each with the reason.
3. Is every right solution accepted? `variants.py` lists right solutions that differ from ours; those of `styles/`
   are written in the ways of many students.

Mistakes are planted in two programs: in the library itself, and in `reference/`, a small solution of the kind
that a student writes. The library's convolution, say, is a matrix product over rearranged memory: nobody flips a
kernel there by mistake, but many do in a loop over pixels. A file of the reference is named after the file that it
stands for (`Layers.Conv.reference.py` for `Layers/Conv.py`), so that no file name of the course exists twice.
"""
