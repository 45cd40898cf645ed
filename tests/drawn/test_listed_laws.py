"""The laws that run over lists of cases, over drawn ones."""

import inspect
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import (
    test_initializer_laws,
    test_layer_laws,
    test_loss_laws,
    test_object_laws,
    test_optimizer_laws,
    test_regularizer_laws,
    test_schedules,
)
from tests.drawn.configurations import INITIALIZERS, LOSSES, OPTIMIZERS, REGULARIZERS, SCHEDULES
from tests.drawn.layers import LAYERS
from tests.law_choices import choices

#: What is meant for the cases of a list alone.
OF_A_LIST = {
    "test_what_the_loss_is_not_defined_for_is_refused_in_both_passes": "the list says what is refused",
    "test_schedules_of_the_same_arguments_are_equal": "the list has each once",
    "test_all_but_a_warm_up_never_rise": "a drawn end may be above the beginning",
    "test_mean_and_spread_are_those_of_the_formula": "200,000 numbers, and the list's constant",
}

OBJECTS = {
    **{kind: cases.map(lambda case: case.make) for kind, cases in LOSSES.items()},
    **OPTIMIZERS,
    **REGULARIZERS,
    **SCHEDULES,
    **INITIALIZERS,
}


def laws(module, *every):
    """The laws of a module that run over one of these lists."""
    marks = [decorator.mark for decorator in every]
    return [
        law
        for name, law in vars(module).items()
        if name.startswith("test_") and name not in OF_A_LIST and law.__module__ == module.__name__
        if any(mark in getattr(law, "pytestmark", []) for mark in marks)
    ]


GROUPS = [
    ("case", LAYERS, laws(test_layer_laws, test_layer_laws.every_case)),
    ("case", LOSSES, laws(test_loss_laws, test_loss_laws.every_case, test_loss_laws.every_case_and_ones_own)),
    ("make", OPTIMIZERS, laws(test_optimizer_laws, test_optimizer_laws.every_optimizer)),
    ("make", REGULARIZERS, laws(test_regularizer_laws, test_regularizer_laws.every_regularizer)),
    ("make", SCHEDULES, laws(test_schedules, test_schedules.every_schedule)),
    ("make", INITIALIZERS, laws(test_initializer_laws, test_initializer_laws.every_initializer)),
    ("make", OBJECTS, laws(test_object_laws, test_object_laws.every_object)),
]


def made_for(name, drawn, laws_of_it):
    """A test function for one class: Hypothesis adds to the settings of a function with each parameter that it gets."""

    @pytest.mark.parametrize("law", [pytest.param(law, id=law.__name__.removeprefix("test_")) for law in laws_of_it])
    @given(data=st.data())
    def holds(law, data):
        with tempfile.TemporaryDirectory() as folder:
            known = {name: data.draw(drawn), "tmp_path": Path(folder)}
            for choice in choices(law, name):
                known |= data.draw(st.sampled_from(choice))
            law(**{argument: known[argument] for argument in inspect.signature(law).parameters})

    return holds


for name, kinds, laws_of_them in GROUPS:
    for kind, drawn in kinds.items():
        law_of = "object" if kinds is OBJECTS else "class"
        globals()[f"test_a_law_holds_for_the_{law_of}_{kind.__name__}"] = made_for(name, drawn, laws_of_them)


@pytest.mark.parametrize(
    ("listed", "drawn"),
    [
        ({type(case.make()) for case in test_layer_laws.CASES}, LAYERS),
        ({type(make()) for makers in test_object_laws.MODULES.values() for make in makers}, OBJECTS),
    ],
)
def test_every_class_is_drawn(listed, drawn):
    missing = {kind.__name__ for kind in listed - set(drawn)}
    assert not missing, f"{missing} are missing from tests/drawn: no law is checked for drawn ones"
