#!/usr/bin/env python3
"""The official SDKs of Alipay and Aliyun as judges over both ends of our wire.

    python e2e/oracles/run.py --sandbox <certhall-sandbox> --vectors <json of the example alipay_vectors> \
        --aliyun-vectors <json of the example aliyun_vectors>

Ends with "N passed, 0 failed", or with exit code 1.
"""

import argparse
import json
import sys

sys.dont_write_bytecode = True

import aliyun_vectors
import sandbox_answers
import vectors
from tally import Tally


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sandbox", required=True, help="path of certhall-sandbox")
    parser.add_argument("--vectors", required=True, help="output of the backend's example alipay_vectors")
    parser.add_argument("--aliyun-vectors", required=True, help="output of the backend's example aliyun_vectors")
    arguments = parser.parse_args()
    tally = Tally()
    with open(arguments.vectors, encoding="utf-8") as file:
        vectors.compare(json.load(file), tally)
    with open(arguments.aliyun_vectors, encoding="utf-8") as file:
        aliyun_vectors.compare(json.load(file), tally)
    sandbox_answers.try_out(arguments.sandbox, tally)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main())
