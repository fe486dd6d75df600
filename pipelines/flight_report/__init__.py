"""The quality of a flight, right after it came in: what it saw, how well, and which findings it can carry.

A stage: it reads the pictures named in its work and writes nothing. The engine says what the law asks of a place
(radii); here are only pixels and ground.
"""

from pipelines.flight_report.report import FlightReport, FlightToReport, FrameToReport, run

__all__ = ["FlightReport", "FlightToReport", "FrameToReport", "run"]
