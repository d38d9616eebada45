#!/usr/bin/env python3
"""Fit and ranking time, and metrics, of EASE in NumPy and of item-KNN and ALS in `implicit`, beside ours on the same lists in one run.

    python bench_recommenders.py --program build/release/tests/bench/bench_recommenders --interactions FILE --items FILE
                                 [--threads 2] [--seeds 3] [--elsa] [-- further arguments of the program]

numpy, scipy, implicit (elsarec and torch with --elsa). One JSON object a line. Ranking is each package's own way to 100 items a user
with the user's own left out: matrix products and argpartition for EASE and ELSA, recommend() for the others.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser()
parser.add_argument("--program", required=True)
parser.add_argument("--interactions", required=True)
parser.add_argument("--items", required=True)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--seeds", type=int, default=3)
parser.add_argument("--repeats", type=int, default=3)
parser.add_argument("--elsa", action="store_true")
parser.add_argument("rest", nargs="*")
args = parser.parse_args()
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(args.threads)

import numpy as np  # noqa: E402
import scipy.sparse as sp  # noqa: E402
from implicit.cpu.als import AlternatingLeastSquares  # noqa: E402
from implicit.nearest_neighbours import CosineRecommender  # noqa: E402
from threadpoolctl import threadpool_limits  # noqa: E402

LAMBDA, NEIGHBOURS, TOP, BLOCK = 200.0, 200, 100, 512
ELSA = {"n_dims": 256, "lr": 0.1, "epochs": 20, "batch_size": 128}
folder = tempfile.mkdtemp()


def ours(models, repeats):
    command = [args.program, "--interactions", args.interactions, "--items", args.items, "--threads", str(args.threads),
               "--lists", folder, "--models", json.dumps([m for m in models for _ in range(repeats)]), *args.rest]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def metrics(lists, targets):
    def one(recommended, wanted):
        hits = np.isin(recommended, wanted)
        recall = [hits[:k].sum() / min(k, len(wanted)) for k in (20, 50)]
        gains = 1 / np.log2(np.arange(2, 102))
        return [*recall, (hits * gains[: len(hits)]).sum() / gains[: min(100, len(wanted))].sum()]

    values = np.mean([one(r, w) for r, w in zip(lists, targets)], axis=0)
    return dict(zip(("recall@20", "recall@50", "ndcg@100"), map(float, values)))


def top(scores, seen):
    scores[seen.nonzero()] = -np.inf
    part = np.argpartition(-scores, TOP, axis=1)[:, :TOP]
    return np.take_along_axis(part, np.argsort(-np.take_along_axis(scores, part, 1), axis=1), 1)


def blocks(predict, x):
    return np.concatenate([top(predict(x[b:b + BLOCK]), x[b:b + BLOCK]) for b in range(0, x.shape[0], BLOCK)])


def numpy_ease(dtype):
    def fit(x):
        g = (x.T @ x).toarray().astype(dtype)
        g[np.diag_indices_from(g)] += LAMBDA
        p = np.linalg.inv(g)
        b = p / -np.diag(p)
        b[np.diag_indices_from(b)] = 0
        return b

    return fit, lambda b, x: blocks(lambda part: part @ b, x)


def package(make):
    def fit(x):
        model = make()
        model.fit(x, show_progress=False)
        return model

    def rank(model, x):
        anew = {"recalculate_user": True} if isinstance(model, AlternatingLeastSquares) else {}
        return model.recommend(rows, x, N=TOP, filter_already_liked_items=True, **anew)[0]

    return fit, rank


def elsarec(seed):
    import torch
    from elsa import ELSA as Elsa

    def fit(x):
        torch.manual_seed(seed)
        torch.set_num_threads(args.threads)
        model = Elsa(x.shape[1], ELSA["n_dims"], device=torch.device("cpu"), lr=ELSA["lr"])
        model.fit(x, epochs=ELSA["epochs"], batch_size=ELSA["batch_size"], shuffle=True, verbose=False)
        return model

    def predict(model, part):
        with torch.no_grad():
            return model(torch.tensor(part.toarray())).numpy()

    return fit, lambda model, x: blocks(lambda part: predict(model, part), x)


def report(name, model, parameters, steps, repeats, single_blas=False):
    fit, rank = steps
    for _ in range(repeats):
        with threadpool_limits(1 if single_blas else args.threads, "blas"):
            begin = time.perf_counter()
            fitted = fit(train)
            fitting = time.perf_counter() - begin
            begin = time.perf_counter()
            lists = rank(fitted, train[rows])
            ranking = time.perf_counter() - begin
        print(json.dumps({"program": name, "model": model, "parameters": parameters, "threads": args.threads,
                          "fit_seconds": fitting, "rank_seconds": ranking, **metrics(lists, targets)}), flush=True)


seeds = range(1, args.seeds + 1)
wanted = [["item-knn", {"K": NEIGHBOURS}], ["ease", {"lambda": LAMBDA}]]
als = [{}, {"factors": 64, "regularization": 1.0, "alpha": 10.0}]
for line in ours(wanted, args.repeats):
    print(json.dumps(line), flush=True)
for line in ours([["ials", {**p, "seed": s}] for p in als for s in seeds], 1):
    print(json.dumps(line), flush=True)
if args.elsa:
    for line in ours([["elsa", {**ELSA, "seed": s}] for s in seeds], 1):
        print(json.dumps(line), flush=True)

lists = json.load(open(f"{folder}/train.json"))
test = json.load(open(f"{folder}/test.json"))
items = json.load(open(f"{folder}/items.json"))
train = sp.csr_matrix((np.ones(sum(map(len, lists)), np.float32), np.concatenate([np.array(r, int) for r in lists]),
                       np.cumsum([0, *map(len, lists)])), shape=(len(lists), items))
rows = np.array([u for u, held in enumerate(test) if held])
targets = [np.array(test[u]) for u in rows]

# implicit counts an item itself among its neighbours, and wants its BLAS to keep to one thread.
report("implicit", "item-knn", {"K": NEIGHBOURS + 1},
       package(lambda: CosineRecommender(K=NEIGHBOURS + 1, num_threads=args.threads)), args.repeats, True)
for parameters in als:
    for seed in seeds:
        report("implicit", "ials", {**parameters, "seed": seed},
               package(lambda: AlternatingLeastSquares(**parameters, random_state=seed, num_threads=args.threads)), 1, True)
report("numpy float32", "ease", {"lambda": LAMBDA}, numpy_ease(np.float32), args.repeats)
report("numpy float64", "ease", {"lambda": LAMBDA}, numpy_ease(np.float64), 1)
if args.elsa:
    for seed in seeds:
        report("elsarec", "elsa", {**ELSA, "seed": seed}, elsarec(seed), 1)
