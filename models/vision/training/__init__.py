"""How detectors are trained: recipes that anybody can run again, and the sets they make of labelled pictures."""
