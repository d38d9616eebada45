"""Golden values for data::publishedSplit: the draw of held-out items in the beeFormer publication, by numpy itself.

Validation items: numpy's legacy generator, seeded, chooses with replacement from the items in order of appearance; seeded
again it chooses the test items from those left, sorted as text. Needs numpy.
Writes data/published_draw.json:  python tests/golden/published_draw.py
"""

import hashlib
import json
import pathlib
import platform

import numpy as np


def draw(order, draws, seed):
    validation = np.random.RandomState(seed).choice(np.array(order), draws)
    left = sorted(set(order) - set(validation))
    test = np.random.RandomState(seed).choice(np.array(left), draws)
    return set(validation), set(test)


def main():
    cases = []
    for items, draws, seed in [(7, 2, 42), (64, 20, 42), (65, 20, 1), (1000, 400, 4294967295), (9975, 2000, 42)]:
        order = [int(i) for i in np.random.default_rng(items).permutation(items)]
        if items > 1000:
            order.sort()  # so that it need not be written down
        validation, test = draw([f"b{i}" for i in order], draws, seed)
        roles = "".join("v" if f"b{i}" in validation else "T" if f"b{i}" in test else "t" for i in range(items))
        cases.append({"items": items, "draws": draws, "seed": seed, "order": order if items <= 1000 else [],
                      "validation": roles.count("v"), "test": roles.count("T"),
                      "sha256": hashlib.sha256(roles.encode()).hexdigest()})
    result = {"versions": {"python": platform.python_version(), "numpy": np.__version__}, "cases": cases}
    path = pathlib.Path(__file__).parent / "data" / "published_draw.json"
    path.write_text(json.dumps(result, separators=(",", ":")) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes", [(c["items"], c["validation"], c["test"]) for c in cases])


if __name__ == "__main__":
    main()
