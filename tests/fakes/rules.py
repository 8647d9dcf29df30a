"""How a fake is told to misbehave: rules by address, by chance, or for the next so many."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Rule:
    """One misbehaviour. The first rule that applies to an address wins."""

    fault: str = ""  # what goes wrong; each fake lists its own
    accepted: bool = False  # whether the message is taken before it goes wrong
    lists: bool = False  # goes wrong when messages are listed, not when they are sent
    probability: float = 1.0
    suffix: str = ""  # only addresses that end so
    next: int | None = None  # only the next so many
    code: int = 0  # the provider's error code, or SMTP reply code
    status: int = 400  # HTTP status
    text: str = ""  # words beside the code
    retry_after: float | None = None
    latency: float = 0.0  # seconds before the answer
    receipts: list[str] = field(default_factory=list)  # statuses reported later
    delay: float = 0.0  # seconds before the first receipt
    doubled: float = 0.0  # chances, for receipts
    reordered: float = 0.0
    lost: float = 0.0
    forged: float = 0.0
    early: bool = False  # the receipts set out before the answer does

    def applies(self, address: str, dice: random.Random) -> bool:
        if not address.endswith(self.suffix) or self.next == 0:
            return False
        if self.probability < 1 and dice.random() >= self.probability:
            return False
        if self.next is not None:
            self.next -= 1
        return True


class Rules:
    """The rules in force, in the order they were given; the same dice each time."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.dice = random.Random(1)
        self.faults: list[Rule] = []
        self.receipts: list[Rule] = []

    def add(self, wanted: dict[str, Any]) -> None:
        rule = Rule(**wanted)
        (self.receipts if rule.receipts else self.faults).append(rule)

    def fault(self, address: str, lists: bool = False) -> Rule | None:
        rules = (rule for rule in self.faults if rule.lists == lists)
        return next((rule for rule in rules if rule.applies(address, self.dice)), None)

    def receipt(self, address: str) -> Rule | None:
        return next((rule for rule in self.receipts if rule.applies(address, self.dice)), None)
