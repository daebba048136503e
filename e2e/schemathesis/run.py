#!/usr/bin/env python3
"""Malformed requests, made by schemathesis from the hall's own description of itself, to a running hall.

    python e2e/schemathesis/run.py --url http://127.0.0.1:8710 --requests 10000 --seed 1 \\
        [--order 20261120U000001]… [--applicant TOKEN] [--staff TOKEN]

The program `malformed` starts a hall, makes orders and calls this with their numbers and with sessions, so that requests
come past the door. No answer may be a 5xx; every refusal must be an ApiError; every success must be what the description
says. Ends with "N passed, M failed", or with exit code 1.
"""

import argparse
import sys

sys.dont_write_bytecode = True

import judge
import raw
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode

# Out of a hundred requests to a route: broken ones, right ones with any values, and bytes of our own.
SHARES = {GenerationMode.NEGATIVE: 65, GenerationMode.POSITIVE: 20}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True, help="the hall's address, without a path")
    parser.add_argument("--requests", type=int, default=1000, help="how many at least")
    parser.add_argument("--seed", type=int, default=1, help="the same seed sends the same requests")
    parser.add_argument("--order", action="append", default=[], help="number of an order of the applicant's")
    parser.add_argument("--applicant", help="the applicant's cookie")
    parser.add_argument("--staff", help="a member of staff's cookie")
    parser.add_argument("--only", help="only routes whose path holds this")
    arguments = parser.parse_args()

    document = requests.get(arguments.url + "/api/openapi.json", timeout=30).json()
    target = judge.Target(arguments, document)
    target.prove()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=arguments.url)
    operations = [result.ok() for result in schema.get_all_operations()]
    operations = [one for one in operations if arguments.only is None or arguments.only in one.path]
    share = -(-arguments.requests // len(operations))
    for operation in operations:
        sent = 0
        for mode, percent in SHARES.items():
            sent += generated(target, operation, mode, share * percent // 100, arguments.seed)
        # A route without anything to break gets more of our own.
        raw.send(target, operation, max(share - sent, share // 10))
    target.tell()
    return 1 if target.failed or not target.passed else 0


def generated(target, operation, mode, count, first):
    """Requests that schemathesis makes; answers how many were sent."""
    before = target.passed + target.failed

    @seed(first)
    @settings(
        max_examples=max(count, 1),
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def one(case):
        target.send_case(case)

    try:
        one()
    except Exception as reason:  # noqa: BLE001 - many routes have nothing that could be broken
        if "Unsatisfiable" not in type(reason).__name__:
            raise
    return target.passed + target.failed - before


if __name__ == "__main__":
    sys.exit(main())
