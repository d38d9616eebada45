"""Golden values for core/eval: the metrics beyond data/metrics.json, and the statistics of a comparison.

RecPack gives what it has on the lists of metrics.py; scikit-learn's ndcg where its definition agrees (lists without ties in
the first k); numpy the rest from their formulas. SciPy gives Wilcoxon's test, statsmodels Holm's correction. Needs recpack
0.3.6, scikit-learn, scipy and statsmodels. Writes data/metrics_more.json:  python tests/golden/metrics_more.py
"""

import importlib.metadata
import json
import pathlib
import platform

import numpy as np
from recpack.metrics import CoverageK, HitK, PrecisionK, RecallK, ReciprocalRankK
from scipy.stats import wilcoxon
from sklearn.metrics import average_precision_score, ndcg_score
from statsmodels.stats.multitest import multipletests

from metrics import ITEMS, SEED, USERS, matrices, synthetic

DIMENSIONS = 6


def by_recpack(rankings, targets):
    true, predicted = matrices(rankings, targets)
    out = []
    for name, kind, depths in [("plain-recall", RecallK, (5, 20, 50)), ("precision", PrecisionK, (5, 20, 100)),
                               ("mrr", ReciprocalRankK, (1, 10, 100)), ("hit", HitK, (1, 5, 20))]:
        for k in depths:
            metric = kind(k)
            metric.calculate(true, predicted)
            if name == "hit":  # RecPack counts the hits of a user; hit@k asks whether there is one
                values = (np.asarray(metric.scores_.sum(axis=1)).ravel() > 0).astype(float)
                users = metric.user_id_map_
            else:
                values, users = metric.results["score"], metric.results["user_id"]
            out.append({"metric": f"{name}@{k}", "users": [int(u) for u in users], "values": [float(v) for v in values]})
    return out


def coverage(rankings, targets):
    """Over all items as candidates. RecPack drops users without targets, so their lists must not count here either."""
    true, predicted = matrices(rankings, targets)
    out = []
    for k in (1, 20, 100):
        metric = CoverageK(k)
        metric.calculate(true, predicted)
        out.append({"metric": f"coverage@{k}", "value": float(metric.value)})
    return out


def by_sklearn(rankings, targets):
    """ndcg@k of users with at least k recommendations; map over the whole catalogue for users whose lists are complete."""
    ndcg, complete = [], []
    rng = np.random.default_rng(SEED + 1)
    for user, (ranking, wanted) in enumerate(zip(rankings, targets)):
        if not wanted:
            continue
        true = np.zeros(ITEMS)
        true[wanted] = 1
        score = np.zeros(ITEMS)
        score[ranking] = np.arange(len(ranking), 0, -1)
        for k in (10, 100):
            if len(ranking) >= k:
                ndcg.append({"user": user, "k": k, "value": float(ndcg_score([true], [score], k=k))})
        if user < 20:
            order = rng.permutation(ITEMS)
            score = np.zeros(ITEMS)
            score[order] = np.arange(ITEMS, 0, -1)
            complete.append({"user": user, "ranking": order.tolist(), "value": float(average_precision_score(true, score))})
    return ndcg, complete


def by_numpy(rankings, targets):
    rng = np.random.default_rng(SEED + 2)
    embeddings = np.round(rng.normal(size=(ITEMS, DIMENSIONS)) * 64) / 64
    embeddings[7] = 0
    population = 90
    popularity = rng.integers(0, population + 1, ITEMS)
    unit = np.divide(embeddings, np.linalg.norm(embeddings, axis=1, keepdims=True), out=np.zeros_like(embeddings),
                     where=np.linalg.norm(embeddings, axis=1, keepdims=True) > 0)
    per_user, totals = [], []
    for k in (5, 20, 100):
        average, novelty, similarity = [], [], []
        counts = np.zeros(ITEMS)
        for ranking, wanted in zip(rankings, targets):
            top = np.array(ranking[:k], dtype=int)
            if not wanted:
                average.append(None), novelty.append(None), similarity.append(None)
                continue
            hit = np.isin(top, wanted)
            precision = np.cumsum(hit) / np.arange(1, len(top) + 1)
            average.append(float((precision * hit).sum() / min(k, len(wanted))))
            novelty.append(float(np.mean(-np.log2(np.maximum(popularity[top], 1) / population))) if len(top) else 0.0)
            pairs = unit[top] @ unit[top].T
            n = len(top)
            similarity.append(float((pairs.sum() - np.trace(pairs)) / (n * (n - 1))) if n > 1 else 0.0)
            counts[top] += 1
        per_user += [{"metric": f"{name}@{k}", "values": values}
                     for name, values in (("map", average), ("novelty", novelty), ("similarity", similarity))]
        # Gini as half the mean absolute difference of all pairs, relative to the mean: another way to the same number.
        gini = np.abs(counts[:, None] - counts[None, :]).sum() / (2 * ITEMS * ITEMS * counts.mean())
        totals.append({"metric": f"gini@{k}", "value": float(gini)})
    return {"embeddings": embeddings.tolist(), "popularity": popularity.tolist(), "population": population,
            "perUser": per_user, "totals": totals}


def statistics():
    rng = np.random.default_rng(SEED + 3)
    cases = []
    for name, size, step in [("no ties", 60, 0), ("ties and zeros", 80, 0.1), ("few", 12, 0.25), ("one-sided", 30, 0.05)]:
        baseline = rng.random(size)
        model = np.clip(baseline + rng.normal(0.05, 0.15, size), 0, 1)
        if name == "one-sided":
            model = baseline + rng.random(size)
        if step:
            baseline, model = np.round(baseline / step) * step, np.round(model / step) * step
        result = wilcoxon(model, baseline, zero_method="wilcox", correction=False, method="approx")
        cases.append({"name": name, "model": model.tolist(), "baseline": baseline.tolist(),
                      "statistic": float(result.statistic), "p": float(result.pvalue)})
    families = []
    for p in ([0.01, 0.04, 0.03, 0.005], [0.5], [0.2, 0.2, 0.9, 1.0, 1e-12], rng.random(9).tolist()):
        families.append({"p": p, "holm": multipletests(p, method="holm")[1].tolist()})
    return {"wilcoxon": cases, "holm": families, "wilcoxonExact": exact_tests()}


def exact_tests():
    """Few users: the exact distribution up to 50 pairs that all differ by different amounts, else the approximation."""
    rng = np.random.default_rng(SEED + 4)
    cases = []
    for name, size, shift in [("one", 1, 0.1), ("two", 2, 0.1), ("five, all above", 5, 2), ("seven", 7, 0.1),
                              ("thirteen, alike", 13, 0), ("thirty", 30, 0.1), ("fifty", 50, 0.05),
                              ("fifty, all above", 50, 2), ("fifty-one", 51, 0.05), ("a zero", 12, 0.1), ("a tie", 12, 0.1)]:
        baseline = rng.random(size)
        model = baseline + rng.normal(shift, 0.3, size)
        if name == "a zero":
            model[3] = baseline[3]
        if name == "a tie":
            baseline, model = np.round(baseline * 64) / 64, np.round(model * 64) / 64
            model[4], model[7] = baseline[4] + 0.25, baseline[7] - 0.25
        exact = size <= 50 and not name.startswith("a ")
        result = wilcoxon(model, baseline, zero_method="wilcox", correction=False, method="exact" if exact else "approx")
        cases.append({"name": name, "exact": exact, "model": model.tolist(), "baseline": baseline.tolist(),
                      "statistic": float(result.statistic), "p": float(result.pvalue)})
    return cases


def main():
    rankings, targets = synthetic(np.random.default_rng(SEED))
    ndcg, complete = by_sklearn(rankings, targets)
    result = {
        "versions": {"python": platform.python_version(), "numpy": np.__version__,
                     **{name: importlib.metadata.version(name)
                        for name in ("recpack", "scikit-learn", "scipy", "statsmodels")}},
        "users": USERS,
        "recpack": by_recpack(rankings, targets),
        "coverage": coverage(rankings, targets),
        "sklearnNdcg": ndcg,
        "sklearnMap": complete,
        "numpy": by_numpy(rankings, targets),
        **statistics(),
    }
    path = pathlib.Path(__file__).parent / "data" / "metrics_more.json"
    path.write_text(json.dumps(result, separators=(",", ":")) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
