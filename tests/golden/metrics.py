"""Golden values for core/eval: per-user metrics by RecPack, bootstrap intervals by SciPy.

Needs recpack 0.3.6 and scipy. Writes data/metrics.json; run it from anywhere:  python tests/golden/metrics.py

What RecPack does with special users (all of it is in the synthetic data below):
- a user without target items is dropped from the metric and from its mean;
- a user with targets but without recommendations counts, with the value 0;
- a list shorter than K is not filled up: the missing places are misses.
"""

import importlib.metadata
import json
import pathlib
import platform

import numpy as np
import scipy
from recpack.metrics import CalibratedRecallK, NDCGK
from scipy.sparse import csr_matrix
from scipy.stats import bootstrap

SEED = 20240910
USERS, ITEMS = 120, 260
METRICS = [("recall", k) for k in (1, 5, 20, 50)] + [("ndcg", k) for k in (1, 10, 50, 100)]


def synthetic(rng):
    """Lists of recommended items, best first, and of target items."""
    rankings, targets = [], []
    for user in range(USERS):
        order = rng.permutation(ITEMS)
        size = int(rng.integers(1, 40))
        length = int(rng.integers(100, 140))
        if user % 10 == 1:
            size = int(rng.integers(60, 130))  # more targets than K
        if user % 10 == 2:
            length = int(rng.integers(1, 20))  # fewer recommendations than K
        if user % 20 == 3:
            length = 0  # no recommendations
        if user % 20 == 4:
            size = 0  # no targets
        wanted = rng.choice(ITEMS, size, replace=False)
        if user % 10 == 5:  # no hits
            ranking = [i for i in order if i not in set(wanted)][:length]
        elif user % 10 == 6:  # targets first: values of 1
            ranking = (list(wanted) + [i for i in order if i not in set(wanted)])[:length]
        else:  # targets somewhat nearer to the front
            push = np.isin(order, wanted) * rng.random(ITEMS) * 0.6
            ranking = order[np.argsort(np.arange(ITEMS) / ITEMS - push, kind="stable")][:length]
        rankings.append([int(i) for i in ranking])
        targets.append(sorted(int(i) for i in wanted))
    return rankings, targets


def matrices(rankings, targets):
    """RecPack's input. Scores descend by rank, so that there are no ties for it to break in its own way."""
    predicted = np.zeros((USERS, ITEMS))
    true = np.zeros((USERS, ITEMS))
    for user, (ranking, wanted) in enumerate(zip(rankings, targets)):
        predicted[user, ranking] = np.arange(len(ranking), 0, -1)
        true[user, wanted] = 1
    return csr_matrix(true), csr_matrix(predicted)


def by_recpack(rankings, targets):
    true, predicted = matrices(rankings, targets)
    out = []
    for kind, k in METRICS:
        metric = (CalibratedRecallK if kind == "recall" else NDCGK)(k)
        metric.calculate(true, predicted)
        table = metric.results
        out.append({"metric": kind, "k": k, "mean": float(metric.value),
                    "users": [int(u) for u in table["user_id"]], "values": [float(v) for v in table["score"]]})
    return out


def by_scipy(rng):
    """Paired percentile intervals; many resamples, so that their own error is small."""
    baseline = rng.beta(1, 4, 80)
    model = np.clip(baseline + rng.normal(0.03, 0.1, 80), 0, 1)
    cases = []
    for level in (0.95, 0.8):
        shared = dict(confidence_level=level, n_resamples=200_000, method="percentile", random_state=SEED, batch=5000)
        paired = bootstrap((model, baseline), lambda a, b, axis: np.mean(a - b, axis=axis), paired=True,
                           vectorized=True, **shared).confidence_interval
        single = bootstrap((model,), np.mean, vectorized=True, **shared).confidence_interval
        cases.append({"level": level, "paired": [float(paired.low), float(paired.high)],
                      "single": [float(single.low), float(single.high)]})
    return {"model": model.tolist(), "baseline": baseline.tolist(), "resamples": 200_000, "cases": cases}


def main():
    rng = np.random.default_rng(SEED)
    rankings, targets = synthetic(rng)
    result = {
        "versions": {"python": platform.python_version(), "recpack": importlib.metadata.version("recpack"),
                     "numpy": np.__version__, "scipy": scipy.__version__},
        "seed": SEED,
        "rankings": rankings,
        "targets": targets,
        "metrics": by_recpack(rankings, targets),
        "bootstrap": by_scipy(rng),
    }
    path = pathlib.Path(__file__).parent / "data" / "metrics.json"
    path.write_text(json.dumps(result, separators=(",", ":")) + "\n")
    for metric in result["metrics"]:
        print(f"{metric['metric']}@{metric['k']}: {metric['mean']:.6f} over {len(metric['users'])} users")
    print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
