"""Golden values for item-KNN by TF-IDF and BM25, SANSA-like EASE and the mix, on the interactions of recommenders.json. numpy,
scipy, implicit; run: python tests/golden/recommenders_more.py > tests/golden/data/recommenders_more.json
The similarities come from the package `implicit`, an item's own taken out. The sparse EASE is written out in NumPy: places for
the items with the largest cosine, ties by the smaller item; the weights there by least squares. The mix scales content and
EASE to [0, 1] among the items that a user does not have."""
import json
import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"
import implicit
import numpy as np
import scipy
import scipy.sparse as sp
from implicit.nearest_neighbours import BM25Recommender, TFIDFRecommender

with open(os.path.join(os.path.dirname(__file__), "data", "recommenders.json")) as file:
    golden = json.load(file)
users, items = len(golden["interactions"]), golden["items"]
x = np.zeros((users, items))
for u, row in enumerate(golden["interactions"]):
    x[u, row] = 1
rng = np.random.default_rng(21)
embeddings = rng.normal(size=(items, 6)).astype(np.float32)


def nearest(model):
    """Scores by all neighbours but an item itself."""
    model.fit(sp.csr_matrix(x.astype(np.float32)), show_progress=False)
    sim = model.similarity.toarray()
    np.fill_diagonal(sim, 0)
    return (x @ sim).tolist()


def sansa(l2, density):
    g = x.T @ x
    places = min(max(1, round(density * items)), items)
    w = np.zeros((items, items))
    for j in range(items):
        cosine = np.round(g[:, j] / np.sqrt(np.maximum(np.diag(g), 1)), 12)
        near = [i for i in np.lexsort((np.arange(items), -cosine)) if cosine[i] > 0 and i != j][:places]
        if near:
            # Least squares of column j on the near columns, with the penalty as further rows.
            rows = np.vstack([x[:, near], np.sqrt(l2) * np.eye(len(near))])
            w[near, j] = np.linalg.lstsq(rows, np.append(x[:, j], np.zeros(len(near))), rcond=None)[0]
    return (x @ w).tolist()


def ease(lam):
    p = np.linalg.inv(x.T @ x + lam * np.eye(items))
    b = -p / np.diag(p)
    np.fill_diagonal(b, 0)
    return x @ b


def mix(weight, lam):
    a = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    content = np.maximum(x @ a @ a.T - x, 0)

    def scaled(scores):
        out = np.zeros_like(scores)
        for u in range(users):
            new = np.flatnonzero(x[u] == 0)
            part = scores[u, new]
            if part.max() > part.min():
                out[u, new] = (part - part.min()) / (part.max() - part.min())
        return out

    return (weight * scaled(content) + (1 - weight) * scaled(ease(lam))).tolist()


def rounded(value):
    return float(f"{value:.8g}") if isinstance(value, float) else \
        [rounded(v) for v in value] if isinstance(value, list) else \
        {k: rounded(v) for k, v in value.items()} if isinstance(value, dict) else value


makers = {"tfidf": TFIDFRecommender, "bm25": BM25Recommender}
print(json.dumps(rounded({
    "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "implicit": implicit.__version__},
    "embeddings": embeddings.tolist(),
    "item-knn": [{"parameters": {"similarity": name, **p}, "scores": nearest(makers[name](K=items + 1, num_threads=1, **p))}
                 for name, p in (("tfidf", {}), ("bm25", {}), ("bm25", {"K1": 100.0, "B": 0.8}), ("bm25", {"K1": 0.5, "B": 0.0}))],
    "sansa": [{"parameters": {"l2": l2, "weight_matrix_density": d}, "scores": sansa(l2, d)}
              for l2, d in ((1.0, 0.2), (20.0, 0.5), (5.0, 1.0))],
    "mix": [{"parameters": {"weight": w, "cf": "ease", "cf_parameters": {"lambda": lam}}, "scores": mix(w, lam)}
            for w, lam in ((0.5, 20.0), (0.9, 1.0))],
})))
