#!/usr/bin/env python3
"""The peer of `apiary-cli bench encode`: sentence-transformers' encode() on the same texts, as JSON.

    python bench_encode.py --encoder FOLDER --items FILE.csv [--text description] [--n-items 0] [--threads 2]
                           [--batch-sizes 8,16,32,64] [--repeats 2] [--out FILE.npy]

encode() sorts by length by itself. The first rows with a text are taken, as `apiary-cli bench encode` takes them. Seconds
include tokenization. --out keeps the embeddings, to compare them.
"""

import argparse
import csv
import json
import os
import sys
import time

parser = argparse.ArgumentParser()
parser.add_argument("--encoder", required=True)
parser.add_argument("--items", required=True)
parser.add_argument("--text", default="description")
parser.add_argument("--n-items", type=int, default=0)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--batch-sizes", default="8,16,32,64")
parser.add_argument("--repeats", type=int, default=2)
parser.add_argument("--out")
args = parser.parse_args()
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ["RAYON_NUM_THREADS"] = str(args.threads)

import numpy as np  # noqa: E402
import sentence_transformers  # noqa: E402
import torch  # noqa: E402

torch.set_num_threads(args.threads)
csv.field_size_limit(sys.maxsize)
with open(args.items, encoding="utf-8", newline="") as stream:
    texts = [row[args.text] for row in csv.DictReader(stream) if row[args.text].strip()]
if args.n_items:
    texts = texts[: args.n_items]
model = sentence_transformers.SentenceTransformer(args.encoder, device="cpu")
model.encode(texts[:64])
results = {}
for size in map(int, args.batch_sizes.split(",")):
    seconds = []
    for _ in range(args.repeats):
        start = time.perf_counter()
        embeddings = model.encode(texts, batch_size=size)
        seconds.append(round(time.perf_counter() - start, 3))
    results[size] = seconds
    print(f"batch {size}: {seconds}", file=sys.stderr)
if args.out:
    np.save(args.out, embeddings)
start = time.perf_counter()
model.tokenizer(texts, truncation=True, max_length=model.max_seq_length)
tokenization = time.perf_counter() - start
best = min(results, key=lambda size: min(results[size]))
print(
    json.dumps(
        {
            "texts": len(texts),
            "threads": args.threads,
            "seconds": results,
            "best_batch_size": best,
            "texts_per_second": round(len(texts) / min(results[best]), 2),
            "tokenization_seconds": round(tokenization, 3),
            "sentence-transformers": sentence_transformers.__version__,
            "torch": torch.__version__,
        }
    )
)
