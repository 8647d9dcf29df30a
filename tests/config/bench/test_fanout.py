from __future__ import annotations

import subprocess
import sys

from config.bench.fanout import Standing, summary
from config.bench.meter import Servers, tree_cpu
from config.bench.provider import provider


def test_the_sink_counts_what_the_loader_posts_and_waits_as_told() -> None:
    with provider() as sink:
        for method, path in (("post", "/2010-04-01/Accounts/AC0/Messages.json"), ("get", "/kannel?to=1")):
            before = sink.count()
            command = [sys.executable, "-m", "config.bench.loader", method, sink.url + path, "300"]
            said = subprocess.run(command, input="go\n", capture_output=True, text=True, check=True).stdout
            assert said.split() == ["ready", "300"]
            assert sink.count() == before + 300
        sink.set_latency(1)
        assert sink.count() == 600
        assert sink.cpu() > 0


def test_the_servers_time_is_found_and_only_grows(database: str, redis_url: str) -> None:
    servers = Servers(database, redis_url)
    first = servers.cpu()
    assert 0 < first <= servers.cpu()
    assert tree_cpu(1 << 30) == 0  # no such process


def test_ratios_are_ours_divided_by_theirs_at_the_first_latency() -> None:
    found = {
        0: {
            "limit": Standing(10, 1.0, 40_000.0),
            "rollcall": Standing(10, 1.0, 20_000.0),
            "tutorial": Standing(10, 1.0, 100.0),
            "notify": Standing(10, 1.0, 80.0),
        },
        100: {"rollcall": Standing(10, 1.0, 1.0)},
    }
    assert summary(found) == {
        "rates": {"limit": 40_000.0, "rollcall": 20_000.0, "tutorial": 100.0, "notify": 80.0, "kannel": None},
        "ratios": {"limit": 0.5, "tutorial": 200.0, "notify": 250.0, "kannel": None},
    }
