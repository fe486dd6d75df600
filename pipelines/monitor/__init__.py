"""Packets of online monitors to values, values to means, means to exceedances, and the silence between them."""
