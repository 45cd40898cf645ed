import enum


class Phase(enum.Enum):
    TRAINING = False
    TESTING = True


class BaseLayer:
    def __init__(self):
        self.trainable = False
        self._phase = Phase.TRAINING

    @property
    def testing_phase(self):
        return self._phase is Phase.TESTING

    @testing_phase.setter
    def testing_phase(self, testing):
        self._phase = Phase(bool(testing))
