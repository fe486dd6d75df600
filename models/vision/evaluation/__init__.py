"""How good a detector is: matching, figures with intervals, splits, a report with the worst cases."""
