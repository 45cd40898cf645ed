"""A fresh question for each task: numbers drawn at this moment, which nothing but a right solution can answer.

A question asks a submission's classes for numbers and says what they should be. It is computed here, in a process in
which no line of the submission runs, from the formulas; what a submission may choose (how it stores weights, which of
several maxima takes the error) is found out by asking.
"""
