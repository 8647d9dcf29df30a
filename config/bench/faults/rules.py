"""What the provider does wrong while an alert is sent, in the fake Twilio's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from config.bench.faults.ground import Ground

CLOCK = Path(__file__).with_name("clock")
"""Holds what makes a process's clock wrong."""
HOUR = 3600
MANY = ["queued", "sent", "sent", "sent", "sent", "sent", "delivered", "delivered", "delivered", "delivered"]


def usual(ground: Ground) -> None:
    """It answers after 20 ms, and reports each message once."""
    ground.twilio.behave("slow", latency=0.02)
    ground.twilio.behave(receipts=["delivered"], delay=0.3)


def errors(ground: Ground) -> None:
    """Of ten messages one is taken and answered with 500, and of twenty one with 503 without being taken."""
    ground.twilio.behave("status", status=500, accepted=True, probability=0.1)
    ground.twilio.behave("status", status=503, probability=0.05)
    usual(ground)


def busy(ground: Ground) -> None:
    """Storms of 429: the first thousand, and then three of ten."""
    ground.twilio.behave("busy", retry_after=2, next=1000)
    ground.twilio.behave("busy", probability=0.3)
    usual(ground)


def silent(ground: Ground) -> None:
    """A hundred are taken and answered after 30 s, longer than anybody waits; a hundred never."""
    ground.twilio.behave("slow", latency=30, next=100)
    ground.twilio.behave("silent", next=100)
    usual(ground)


def resets(ground: Ground) -> None:
    """Connections break, before and after a message is taken."""
    ground.twilio.behave("reset", accepted=True, probability=0.05)
    ground.twilio.behave("reset", probability=0.05)
    ground.twilio.behave("close", accepted=True, probability=0.05)
    usual(ground)


def refused(ground: Ground) -> None:
    """It refuses our credentials for a while."""
    ground.twilio.behave("code", code=20003, next=30)
    usual(ground)


def receipts(ground: Ground) -> None:
    """Five-fold, in any order, one in twenty lost, some before the answer, some forged; and answers lost besides."""
    ground.twilio.behave("close", accepted=True, probability=0.1)
    how: dict[str, Any] = {"doubled": 0.2, "reordered": 0.5, "lost": 0.05, "forged": 0.2}
    ground.twilio.behave(receipts=MANY, early=True, suffix="1", **how)
    ground.twilio.behave(receipts=MANY, delay=0.2, **how)
    ground.twilio.behave("slow", latency=0.02)


def clocks(ground: Ground) -> None:
    """The provider's is an hour ahead, and one answer in ten is lost, so that it must be asked."""
    ground.twilio.set_clock(HOUR)
    ground.twilio.behave("close", accepted=True, probability=0.1)
    usual(ground)


def faked(seconds: int) -> dict[str, str]:
    """Settings of a process whose clock is off by so many seconds."""
    return {"PYTHONPATH": str(CLOCK), "WRONG_CLOCK": str(seconds)}


def everything(ground: Ground) -> None:
    """A little of all of it."""
    ground.twilio.behave("status", status=500, accepted=True, probability=0.05)
    ground.twilio.behave("close", accepted=True, probability=0.05)
    ground.twilio.behave("reset", probability=0.05)
    ground.twilio.behave("busy", probability=0.1, retry_after=1)
    ground.twilio.behave("slow", latency=0.02)
    ground.twilio.behave(
        receipts=["sent", "delivered"], delay=0.1, doubled=0.5, reordered=0.5, lost=0.05, forged=0.1
    )
