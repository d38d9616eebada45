"""Evaluates a case of bench_evaluate in the published way, and the program on the same case, in one run.

The published way: dense blocks of 1024 users × all items through torch, a DataFrame of each block's top 100, all of them
joined, turned into a sparse matrix by looking up every id, and RecPack's metrics on it. Needs torch, pandas, recpack 0.3.6.

    bench_evaluate --made 20000 10000 384 CASE
    python tests/golden/bench_evaluate.py CASE --program build/release/tests/bench/bench_evaluate
"""

import argparse
import json
import resource
import subprocess
import time

import numpy as np
import pandas as pd
import torch
from recpack.metrics import CalibratedRecallK, CoverageK, NDCGK
from scipy.sparse import csr_matrix

BLOCK, TOP = 1024, 100


def matrix_of(frame, items, users):
    """A sparse users × items matrix of a DataFrame of ids; ids outside of the two are left out."""
    frame = frame[frame.item_id.isin(items) & frame.user_id.isin(users)]
    rows = [users.get_loc(user) for user in frame.user_id]
    columns = [items.get_loc(item) for item in frame.item_id]
    return csr_matrix((frame.value.to_numpy(), (rows, columns)), shape=(len(users), len(items)))


def frame_of(file):
    frame = pd.read_csv(file, dtype=str).rename(columns={"user": "user_id", "item": "item_id"})
    frame["value"] = 1.0
    return frame.astype({"user_id": "category", "item_id": "category"})


def predict(embeddings, sources, candidates):
    catalogue = pd.Index([str(i) for i in range(len(embeddings))])
    users = sources.user_id.cat.categories
    dense = torch.nn.functional.normalize(torch.from_numpy(embeddings), dim=-1)
    allowed = torch.zeros(len(catalogue))
    allowed[[catalogue.get_loc(item) for item in candidates]] = 1
    history = matrix_of(sources, catalogue, users)
    frames = []
    for begin in range(0, len(users), BLOCK):
        x = torch.from_numpy(history[begin : begin + BLOCK].toarray().astype("float32"))
        scores = torch.relu(x @ dense @ dense.T - x)
        scores = scores * (1 - x) * allowed
        values, places = torch.topk(scores, TOP)
        frame = pd.DataFrame({"user_id": np.repeat(users[begin : begin + BLOCK].to_numpy(), TOP),
                              "item_id": catalogue.to_numpy()[places].flatten(), "value": values.flatten().numpy()})
        frames.append(frame.astype({"user_id": "category", "item_id": "category"}))
    frame = pd.concat(frames)
    return frame.astype({"user_id": str, "item_id": str}).astype({"user_id": "category", "item_id": "category"})


def published(folder):
    embeddings = np.load(f"{folder}/embeddings.npy")
    sources, targets = frame_of(f"{folder}/sources.csv"), frame_of(f"{folder}/targets.csv")
    candidates = pd.read_csv(f"{folder}/candidates.csv", dtype=str).item
    before = resident()
    began = time.perf_counter()
    with torch.no_grad():
        predictions = predict(embeddings, sources, candidates)
    ranked = time.perf_counter()
    # RecPack sees the candidates as its catalogue, so that its coverage is that of the candidates.
    items, users = pd.Index(candidates), targets.user_id.cat.categories
    true, predicted = matrix_of(targets, items, users), matrix_of(predictions, items, users)
    result = {}
    for name, metric in (("recall@20", CalibratedRecallK(20)), ("recall@50", CalibratedRecallK(50)),
                         ("ndcg@100", NDCGK(100)), ("coverage@20", CoverageK(20))):
        metric.calculate(true, predicted)
        result[name] = float(metric.value)
    ended = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": ended - began, "predict_seconds": ranked - began, "metrics_seconds": ended - ranked,
            "peak_bytes": peak, "added_bytes": max(0, peak - before), **result}


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("case")
    parser.add_argument("--program", help="bench_evaluate, to be run on the same case before and after")
    parser.add_argument("--threads", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    own = []

    def run_program():
        if arguments.program:
            line = subprocess.run([arguments.program, arguments.case, str(arguments.threads)], check=True,
                                  capture_output=True, text=True).stdout
            own.append(json.loads(line))

    run_program()
    other = published(arguments.case)
    run_program()
    print(json.dumps({"published": other, "threads": torch.get_num_threads()}))
    for one in own:
        print(json.dumps({"apiary": one, "faster": other["seconds"] / one["seconds"],
                          "memory_ratio": other["added_bytes"] / max(1, one["added_bytes"]),
                          "largest_difference": max(abs(other[name] - one[name])
                                                    for name in ("recall@20", "recall@50", "ndcg@100", "coverage@20"))}))


if __name__ == "__main__":
    main()
