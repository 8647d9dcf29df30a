"""Texts: how long they are on a phone, what makes them dear, and how to write them plainer."""

from alerts.text.gsm import Culprit, Measure, length, measure
from alerts.text.plain import simplify

__all__ = ["Culprit", "Measure", "length", "measure", "simplify"]
