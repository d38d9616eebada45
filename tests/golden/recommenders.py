"""Golden values for recommenders. numpy, scipy, implicit, elsarec, torch; run: python tests/golden/recommenders.py > tests/golden/data/recommenders.json
EASE and the variants of item-KNN are written out in NumPy; cosine item-KNN and ALS come from the package `implicit`, ELSA
from the package `elsarec`: with the first vectors given and the users in their order."""
import json
import os
from importlib.metadata import version

os.environ["OPENBLAS_NUM_THREADS"] = "1"
import implicit
import numpy as np
import scipy
import scipy.sparse as sp
import torch
from elsa import ELSA
from implicit.cpu.als import AlternatingLeastSquares
from implicit.nearest_neighbours import CosineRecommender

rng = np.random.default_rng(11)
torch.manual_seed(12)
users, items = 24, 16
taste = rng.integers(0, 3, users)
x = np.zeros((users, items))
for u in range(users):
    for j in range(items - 1):  # nobody has the last item
        x[u, j] = rng.random() < (0.5 if j % 3 == taste[u] else 0.12)
x[3] = 0  # a user without interactions
x[:, 5] = x[:, 8] = 0
x[[1, 7, 9], 5] = 1
x[[1, 7, 9], 8] = 1  # two items that the same users had
sparse = sp.csr_matrix(x.astype(np.float32))


def lists(matrix):
    return [np.flatnonzero(row).tolist() for row in matrix]


def ease(lam):
    p = np.linalg.inv(x.T @ x + lam * np.eye(items))
    b = -p / np.diag(p)
    np.fill_diagonal(b, 0)
    return b


def top(sim, k):
    """The k largest of each row, ties by the smaller item, as a matrix with zeros elsewhere."""
    out = np.zeros_like(sim)
    for i, row in enumerate(sim):
        best = [j for j in np.lexsort((np.arange(items), -row)) if row[j] > 0][:k]
        out[i, best] = row[best]
    return out


def knn(k, shrink, normalize_x, normalize_sim):
    w = x / np.maximum(x.sum(1, keepdims=True), 1) if normalize_x else x
    norm = np.linalg.norm(w, axis=0)
    with np.errstate(invalid="ignore"):
        sim = np.nan_to_num((w.T @ w) / (norm[:, None] * norm[None, :] + shrink))
    np.fill_diagonal(sim, 0)
    sim = top(np.round(sim, 12), k)  # equal similarities are equal whatever the order of a sum
    if normalize_sim:
        sim /= np.maximum(sim.sum(1, keepdims=True), 1e-300)
    return x @ sim


def implicit_knn():
    model = CosineRecommender(K=items + 1, num_threads=1)
    model.fit(sparse, show_progress=False)
    sim = model.similarity.toarray()
    np.fill_diagonal(sim, 0)
    return x @ sim


def als(alpha, use_cg, iterations=7, factors=6, regularization=0.05):
    model = AlternatingLeastSquares(factors=factors, regularization=regularization, alpha=alpha, use_cg=use_cg,
                                    iterations=iterations, num_threads=1, dtype=np.float32)
    start_users = (rng.random((users, factors)) * 0.01).astype(np.float32)
    start_items = (rng.random((items, factors)) * 0.01).astype(np.float32)
    model.user_factors, model.item_factors = start_users.copy(), start_items.copy()
    model.fit(sparse, show_progress=False)
    anew = model.recalculate_user(np.arange(users), sparse)
    return {"factors": factors, "regularization": regularization, "alpha": alpha, "use_cg": use_cg,
            "iterations": iterations, "start_users": start_users.tolist(), "start_items": start_items.tolist(),
            "user_factors": model.user_factors.tolist(), "item_factors": model.item_factors.tolist(),
            "scores": (anew @ model.item_factors.T).tolist()}


def elsa(n_dims=5, lr=0.1, epochs=3, batch_size=7):
    seen = torch.tensor(x[x.sum(1) > 0][:, :-1], dtype=torch.float32)
    model = ELSA(items - 1, n_dims, device=torch.device("cpu"), lr=lr)
    start = torch.randn(items - 1, n_dims)
    model._ELSA__W_list[0].data.copy_(start)
    model.fit(sp.csr_matrix(seen.numpy()), epochs=epochs, batch_size=batch_size, shuffle=False, verbose=False)
    with torch.no_grad():
        scores = torch.relu(model(torch.tensor(x[:, :-1], dtype=torch.float32)))
    wide = torch.cat([scores, torch.zeros(users, 1)], 1)
    return {"n_dims": n_dims, "lr": lr, "epochs": epochs, "batch_size": batch_size,
            "start": torch.cat([start, torch.ones(1, n_dims)]).tolist(), "scores": wide.tolist()}


def scaled(most):
    """Columns scaled by what some rows have, and cut off: what Heater starts from."""
    values, known = rng.normal(2, 3, (9, 4)).astype(np.float32), [0, 2, 3, 7]
    some = values[known].astype(float)
    return {"values": values.tolist(), "known": known, "most": most,
            "scaled": np.clip((values - some.mean(0)) / some.std(0), -most, most).tolist()}


def rounded(value):
    return float(f"{value:.8g}") if isinstance(value, float) else \
        [rounded(v) for v in value] if isinstance(value, list) else \
        {k: rounded(v) for k, v in value.items()} if isinstance(value, dict) else value


print(json.dumps(rounded({
    "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "implicit": implicit.__version__,
                 "elsarec": version("elsarec"), "torch": torch.__version__},
    "items": items, "interactions": lists(x),
    "popularity": x.mean(0).tolist(),
    "ease": [{"lambda": lam, "scores": (x @ ease(lam)).tolist()} for lam in (1.0, 50.0)],
    "knn": [{"K": k, "shrink": s, "normalize_X": nx, "normalize_sim": ns, "scores": knn(k, s, nx, ns).tolist()}
            for k, s, nx, ns in ((4, 0, False, False), (200, 0, False, False), (5, 10, False, True),
                                 (6, 0.5, True, False))],
    "implicit_knn": implicit_knn().tolist(),
    "elsa": elsa(),
    "als": [als(1.0, True), als(5.0, True, 3, regularization=2.0), als(1.0, False), als(20.0, False)],
    "scaled": [scaled(1.0), scaled(5.0)],
})))
