"""A filter's threshold as a precision: the scores, the estimate, judging a few, and what to look at first."""
