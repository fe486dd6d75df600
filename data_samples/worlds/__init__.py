"""Behaviour over 52 weeks in four worlds: signal, weak, drifted, none. Imports nothing of the product."""
