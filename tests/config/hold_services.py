"""Run the embedded services of a folder until standard input ends, as a program of its own.

Usage: python hold_services.py HOME. Prints a line of JSON: the addresses, and how often this was done
on the same data, as each server knows it; or the error.
"""

import json
import sys
from pathlib import Path

import psycopg
from redis import Redis

from config.embedded import EmbeddedError, Services, services


def visits(found: Services) -> dict[str, object]:
    with psycopg.connect(found.database_url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS visits (at timestamptz DEFAULT now())")
        connection.execute("INSERT INTO visits DEFAULT VALUES")
        rows = connection.execute("SELECT count(*) FROM visits").fetchone()[0]
    with Redis.from_url(found.redis_url) as redis:
        keys = redis.incr("visits")
    return {"rows": rows, "keys": keys}


def main(home: str) -> None:
    try:
        with services(Path(home)) as found:
            addresses = {"database": found.database_url, "redis": found.redis_url}
            print(json.dumps(addresses | visits(found)), flush=True)
            sys.stdin.read()
    except EmbeddedError as error:
        print(json.dumps({"error": str(error)}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
