"""What well-known sets of pictures show, in the order of their labels."""

from collections.abc import Iterable, Sequence
from typing import Any

__all__ = [
    "CIFAR_100_CLASSES",
    "CIFAR_100_GROUPS",
    "CIFAR_CLASSES",
    "FASHION_CLASSES",
    "refuse_names_of_other_classes",
]

#: The ten things that CIFAR-10 shows, by which the course names its classes 0 to 9.
CIFAR_CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)

FASHION_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

CIFAR_100_CLASSES = tuple(
    """
    apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can
    castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin
    elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard
    lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear
    pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark
    shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone
    television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm
    """.split()
)

#: Into which CIFAR-100 puts its classes, five in each.
CIFAR_100_GROUPS = tuple(
    """
    aquatic_mammals fish flowers food_containers fruit_and_vegetables household_electrical_devices household_furniture
    insects large_carnivores large_man-made_outdoor_things large_natural_outdoor_scenes large_omnivores_and_herbivores
    medium_mammals non-insect_invertebrates people reptiles small_mammals trees vehicles_1 vehicles_2
    """.split()
)


def refuse_names_of_other_classes(names: Iterable[Any], found: Sequence[str], owner: str) -> None:
    """Refuse names of which one is what another class is called where the pictures are: cats would count as dogs.

    Args:
        names: what the classes shall be called.
        found: what they are called by their folders or in a list, in the alphabetical order in which they are numbered.
        owner: whose classes these are, for the message.

    Raises ValueError for the first name that is another class's.

    >>> refuse_names_of_other_classes(["a cat", "dog"], ["cat", "dog"], "pets")
    """
    places = {name: place for place, name in enumerate(found)}
    for place, name in enumerate(map(str, names)):
        if places.get(name, place) != place:
            raise ValueError(
                f"{owner}: expected class_names in the order in which the classes are numbered, that of the alphabet, "
                f"got '{name[:80]}' for the class {place}, which is '{found[place][:80]}' where the pictures are; "
                "leave class_names out, or sort them"
            )
