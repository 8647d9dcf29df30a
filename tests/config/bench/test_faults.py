"""`rollcall bench faults`, in its short form: everything at once, and an audit."""

from __future__ import annotations

from config.bench.faults.catalogue import FAULTS
from config.bench.faults.running import play, table


def test_in_a_storm_nobody_is_lost_and_nobody_is_told_twice() -> None:
    (played,) = play([FAULTS["storm"]], None, print)
    assert played.sound and played.audit, table([played])
    assert played.audit.taken == played.audit.reachable > 300
