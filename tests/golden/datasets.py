#!/usr/bin/env python3
"""Golden values for core/data: what pandas makes of the real datasets.

Usage: datasets.py ML100K_FOLDER DATA_FOLDER > data/datasets.json
ML100K_FOLDER holds ml-100k.inter and ml-100k.item, DATA_FOLDER holds goodbooks10k, ifdb and ml-latest-small.
Only counts and digests are written, no data.
"""
import hashlib
import json
import platform
import struct
import sys
from pathlib import Path

import numpy as np
import pandas as pd

BLANKS = " \t\r\n\f\v"


def read(path, separator):
    frame = pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False)
    return frame.rename(columns=lambda name: name.split(":")[0])


def count(frame, step):
    return {"step": step, "users": int(frame.user_id.nunique()), "items": int(frame.item_id.nunique()),
            "interactions": len(frame)}


def digest(users, items, rows, texts):
    hasher = hashlib.sha256()

    def number(value):
        hasher.update(struct.pack("<Q", int(value) % 2**64))

    def text(value):
        raw = value.encode("utf-8")
        number(len(raw))
        hasher.update(raw)

    def texts_of(values):
        number(len(values))
        for value in values:
            text(value)

    def numbers(values):
        number(len(values))
        hasher.update(np.asarray(values, dtype="<i8").tobytes())

    text("apiary dataset 1")
    texts_of(users)
    texts_of(items)
    numbers([0] + list(np.cumsum(rows.groupby("u").size().reindex(range(len(users))))))
    numbers(rows.i)
    numbers(rows.time if "time" in rows else [])
    numbers([struct.unpack("<I", struct.pack("<f", r))[0] for r in rows.stars] if "stars" in rows else [])
    texts_of(items)
    texts_of(texts)
    return hasher.hexdigest()


def dataset(interactions, items, text, min_rating=4.0, min_user=5):
    counts = [count(interactions, "read")]
    frame = interactions.copy()
    frame["row"] = range(len(frame))
    by = ["row"]
    if "timestamp" in frame:
        frame["time"] = frame.timestamp.astype(float).astype("int64")
        by = ["time", "row"]
    frame = frame.sort_values(by, kind="stable").drop_duplicates(["user_id", "item_id"], keep="last").sort_values("row")
    counts.append(count(frame, "each pair once"))
    if "rating" in frame:
        frame["stars"] = frame.rating.astype(float)
        frame = frame[frame.stars >= min_rating]
        counts.append(count(frame, "rating at least %g" % min_rating))
    texts = dict(zip(items.item_id, [text(row) for _, row in items.iterrows()]))
    frame = frame[frame.item_id.map(lambda item: texts.get(item, "") != "")]
    counts.append(count(frame, "items with text"))
    size = frame.groupby("user_id").size()
    frame = frame[frame.user_id.map(size) >= min_user]
    counts.append(count(frame, "users with at least %d" % min_user))

    present = set(frame.item_id)
    kept = [item for item in items.item_id if item in present]
    users = list(dict.fromkeys(frame.user_id))
    place = {item: j for j, item in enumerate(kept)}
    number = {user: u for u, user in enumerate(users)}
    frame = frame.assign(u=frame.user_id.map(number), i=frame.item_id.map(place)).sort_values(["u", "i"])
    return {"counts": counts, "hash": digest(users, kept, frame, [texts[item] for item in kept])}


def main():
    movielens, data = Path(sys.argv[1]), Path(sys.argv[2])

    def csv(name):
        return read(data / name / "interactions.csv", ","), read(data / name / "items.csv", ",")

    result = {"python": platform.python_version(), "pandas": pd.__version__, "datasets": {}}
    out = result["datasets"]
    out["ml-100k"] = dataset(read(movielens / "ml-100k.inter", "\t"), read(movielens / "ml-100k.item", "\t"),
                             lambda r: f"{r.movie_title.strip(BLANKS)} ({r.release_year.strip(BLANKS)}). "
                                       f"Genres: {r['class'].strip(BLANKS)}")
    out["goodbooks10k"] = dataset(*csv("goodbooks10k"), lambda r: r.description.strip(BLANKS))
    out["ifdb"] = dataset(*csv("ifdb"), lambda r: r.text.strip(BLANKS))
    out["ml-latest-small"] = dataset(*csv("ml-latest-small"), lambda r: r.overview.strip(BLANKS))
    json.dump(result, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
