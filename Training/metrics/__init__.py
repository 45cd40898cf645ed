"""Metrics: numbers that say how good predictions are, for people; the loss is what says it to the network.

    accuracy = metrics.get("accuracy")
    for batch in batches:
        accuracy.update(predictions, labels)
    accuracy.result()

Of classes, by these names or as objects:

- "accuracy", `Accuracy`: the share of samples whose class is the predicted one.
- "top_5", `TopKAccuracy`: the share of samples whose class is among the k that were given the largest numbers.
- "balanced_accuracy", `BalancedAccuracy`: the mean of each class's share of hits.
- "precision", `Precision`: the share of those that were taken for a class which are of it.
- "recall", `Recall`: the share of those of a class which were found.
- "f1", `F1`: the harmonic mean of precision and recall.
- "auc", `AreaUnderCurve`: how often a sample of a class is given a larger number for it than one that isn't of it.

Of numbers, as in a regression:

- "mean_absolute_error", `MeanAbsoluteError`: the mean distance between targets and predictions.
- "r2", `R2`: the share of the targets' variance that the predictions explain.

And `Function`: any function of predictions and labels. `get` finds a metric by its name, `names` lists the names.

A metric gets batches one after the other and never sees them again: it keeps sums, of the same size whatever the number
of samples is (all but `AreaUnderCurve` and functions, which need every sample until the end). `update` only collects,
which costs a fraction of a microsecond; what has been collected is added to the sums when it fills the cache, or when
somebody asks.

Predictions are `(batch, classes)`, `(batch, time, classes)` or `(batch, targets)`, labels have the same shape, and
class numbers may stand in place of one-hot rows. A single column is the probability of the second of two classes.
Samples and time steps of weight 0, such as padding, don't count at all.
"""

from Training.metrics.base import Metric as Metric
from Training.metrics.choice import DEFAULT as DEFAULT
from Training.metrics.choice import Function as Function
from Training.metrics.choice import get as get
from Training.metrics.choice import names as names
from Training.metrics.choice import suited as suited
from Training.metrics.classes import F1 as F1
from Training.metrics.classes import Accuracy as Accuracy
from Training.metrics.classes import AreaUnderCurve as AreaUnderCurve
from Training.metrics.classes import BalancedAccuracy as BalancedAccuracy
from Training.metrics.classes import Precision as Precision
from Training.metrics.classes import Recall as Recall
from Training.metrics.classes import TopKAccuracy as TopKAccuracy
from Training.metrics.regression import R2 as R2
from Training.metrics.regression import MeanAbsoluteError as MeanAbsoluteError
