#!/usr/bin/env python3
"""Golden values for data::coldStartSplit: the generator and the shuffle written again in Python integers.

Usage: splits.py > data/splits.json
Roles are written as one letter an item: t(rain), v(alidation), T(est).
"""
import hashlib
import json
import math
import platform
import sys

MASK = 2**64 - 1
STREAM = int.from_bytes(b"coldsplt", "big")


def mix(x):
    x = (x + 0x9E3779B97F4A7C15) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


class Generator:
    def __init__(self, key):
        self.key, self.counter = key, 0

    def draw(self):
        value = mix(self.key ^ mix(self.counter))
        self.counter += 1
        return value

    def below(self, bound):
        while True:
            product = self.draw() * bound
            if product % 2**64 >= 2**64 % bound:
                return product >> 64


def split(items, test, validation, seed):
    generator = Generator(mix(mix(seed) ^ STREAM))
    order = list(range(items))
    for i in range(items - 1):
        j = i + generator.below(items - i)
        order[i], order[j] = order[j], order[i]
    tests, validations = (math.floor(share * items + 0.5) for share in (test, validation))
    roles = ["t"] * items
    for i in range(tests + validations):
        roles[order[i]] = "T" if i < tests else "v"
    return "".join(roles)


def main():
    cases = []
    for items, test, validation, seed in [(10, 0.2, 0.1, 42), (10, 0.2, 0.1, 43), (37, 0.3, 0.25, 0),
                                          (1447, 0.2, 0.1, 42), (9891, 0.2, 0.2, 2**63 + 7)]:
        roles = split(items, test, validation, seed)
        cases.append({"items": items, "test": test, "validation": validation, "seed": str(seed),
                      "roles": roles if items < 100 else "", "sha256": hashlib.sha256(roles.encode()).hexdigest()})
    json.dump({"python": platform.python_version(), "cases": cases}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
