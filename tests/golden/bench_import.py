#!/usr/bin/env python3
"""What bench_import does, with pandas on the same files: read, each pair once (the latest), rating >= 4, items with a text,
users with at least 5, then numbers for users and items and a sparse matrix. Prints time, peak memory and counts as JSON.

Usage: bench_import.py FOLDER
"""
import json
import platform
import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse


def main():
    folder = Path(sys.argv[1])
    began = time.perf_counter()
    # Ids as numbers and categories of nothing: what is quickest and smallest in pandas for this file.
    frame = pd.read_csv(folder / "ratings.csv",
                        dtype={"userId": "int32", "movieId": "int32", "rating": "float32", "timestamp": "int64"})
    read = time.perf_counter()
    items = pd.read_csv(folder / "items.csv", dtype=str, keep_default_na=False)
    rows = len(frame)
    frame = frame.sort_values("timestamp", kind="stable").drop_duplicates(["userId", "movieId"], keep="last").sort_index()
    pairs = len(frame)
    frame = frame[frame.rating >= 4]
    with_text = items.movieId[(items.title + items.genres) != ""].astype("int32")
    frame = frame[frame.movieId.isin(with_text)]
    frame = frame[frame.userId.map(frame.userId.value_counts()) >= 5]
    users, user_ids = pd.factorize(frame.userId)
    places, item_ids = pd.factorize(frame.movieId)
    matrix = scipy.sparse.csr_matrix((np.ones(len(frame), dtype="float32"), (users, places)))
    print(json.dumps({
        "python": platform.python_version(), "pandas": pd.__version__,
        "seconds": time.perf_counter() - began, "readSeconds": read - began,
        "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        "rows": rows, "pairs": pairs, "users": len(user_ids), "items": len(item_ids), "interactions": int(matrix.nnz)}))


if __name__ == "__main__":
    main()
