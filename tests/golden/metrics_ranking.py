"""Golden values for core/recsys and core/explore, by numpy in double precision.

Scores relu(x A A^T - x) with the source items masked, top lists, cosine neighbours of embeddings and of binarised
interaction columns. Writes data/metrics_ranking.json:  python tests/golden/metrics_ranking.py
"""

import json
import pathlib
import platform

import numpy as np

SEED = 7
USERS, ITEMS, DIMENSIONS, TOP = 45, 37, 21, 10


def top(scores, k, positive):
    """Indices of the k largest, ties by the smaller index."""
    order = np.argsort(-scores, kind="stable")
    return [int(i) for i in order if not positive or scores[i] > 0][:k]


def main():
    rng = np.random.default_rng(SEED)
    # Multiples of 1/64 are exact in float32 and in decimal; duplicated rows and a row of zeros are part of the test.
    embeddings = np.round(rng.normal(size=(ITEMS, DIMENSIONS)) * 64) / 64
    embeddings[9] = embeddings[4]
    embeddings[30] = embeddings[4]
    embeddings[12] = 0
    popularity = rng.random(ITEMS) * 0.5
    popularity[20] = 0
    interactions = (rng.random((USERS, ITEMS)) < popularity).astype(float)
    interactions[3] = 0

    norms = np.linalg.norm(embeddings, axis=1, keepdims=True)
    unit = np.divide(embeddings, norms, out=np.zeros_like(embeddings), where=norms > 0)
    scores = np.maximum(interactions @ unit @ unit.T - interactions, 0)
    candidates = sorted(int(i) for i in rng.choice(ITEMS, 24, replace=False))
    masked = np.where(interactions > 0, 0, scores)[:, candidates]

    cosine = unit @ unit.T
    # Equal rows must tie exactly, whatever the order in which a product was summed.
    cosine = np.round(cosine, 12)
    counts = interactions.T @ interactions
    users = np.diag(counts)
    both = np.sqrt(np.outer(users, users))
    shared = np.divide(counts, both, out=np.zeros_like(counts), where=both > 0)

    def others(matrix, item, positive):
        row = matrix[item].copy()
        row[item] = -2
        return [[i, float(matrix[item, i])] for i in top(row, TOP, positive)]

    result = {
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
        "seed": SEED,
        "embeddings": embeddings.tolist(),
        "interactions": [[int(i) for i in np.flatnonzero(row)] for row in interactions],
        "candidates": candidates,
        "scores": np.round(scores, 9).tolist(),
        "rankings": [[candidates[c] for c in top(np.round(row, 12), TOP, True)] for row in masked],
        "semantic": [others(cosine, i, False) for i in range(ITEMS)],
        "interaction": [others(shared, i, True) for i in range(ITEMS)],
        "popularity": [int(np.sum((users > users[i]) | ((users == users[i]) & (np.arange(ITEMS) < i)))) + 1
                       for i in range(ITEMS)],
    }
    path = pathlib.Path(__file__).parent / "data" / "metrics_ranking.json"
    path.write_text(json.dumps(result, separators=(",", ":")) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
