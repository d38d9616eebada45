#!/usr/bin/env python3
"""Tables of every kind that core/data reads, and what pandas makes of them.

Usage: import_tables.py FOLDER
Writes small synthetic tables to FOLDER/tables and FOLDER/import.json with their cells as texts, and what pandas' filters
leave of random interactions, with the dataset's hash (see datasets.py). Run it with FOLDER = data.
"""
import gzip
import json
import platform
import struct
import sys
import zipfile
from io import BytesIO, StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet

from datasets import count, digest

QUOTED = (
    'item_id,title,"the text",year\r\n'
    'a,"Two\r\nlines, and ""quotes""",plain,1995\r\n'
    'b,"",  blanks  ,\r\n'
    'c,Tōkyō 🐝,"ends with a quote""",2001\r\n'
    'd,"tab\there","""whole""",-1\r\n'
    "e,it's,\"\n\n\",0\r\n"
    '"f,g",semi;colon,pipe|pipe,1e3\r\n'
)
MOVIES = "1::Amélie (2001)::Comedy|Romance\n2::L'Été: \"été\"::Drama\n3::Ça::\n"
WIDE = "user_id\titem_id\trating\nü\t1\t4,5\n日本\t2\t3\n"
REVIEWS = [
    {"reviewerID": "A1", "asin": "0001", "overall": 5.0, "reviewText": "Fine.\nVery \"fine\".",
     "unixReviewTime": 1362528000},
    {"reviewerID": "A2", "asin": "0001", "overall": 3.0, "reviewText": "Tōkyō 🐝", "unixReviewTime": 1362614400,
     "vote": "2"},
    {"asin": "0002", "reviewerID": "A1", "overall": 4.5, "reviewText": "", "unixReviewTime": 1},
]


def texts(frame):
    return {"columns": list(frame.columns), "rows": frame.astype(str).values.tolist()}


def strings(source, **options):
    return texts(pd.read_csv(source, dtype=str, keep_default_na=False, **options))


def delimited(folder, expected):
    def write(name, text, encoding):
        (folder / name).write_bytes(text.encode(encoding))

    write("quoted.csv", QUOTED, "utf-8")
    write("marked.csv", QUOTED, "utf-8-sig")
    write("movies.dat", MOVIES, "latin-1")
    write("wide.tsv", WIDE, "utf-16")
    write("semicolon.csv", "id;name\n1;\"a;b\"\n2;c,d\n", "utf-8")
    write("windows.csv", "id,name\n1,“curly” – €\n", "cp1252")
    expected["quoted.csv"] = strings(StringIO(QUOTED, newline=""))
    expected["marked.csv"] = expected["quoted.csv"]
    expected["movies.dat"] = strings(BytesIO(MOVIES.encode("latin-1")), sep="::", engine="python", encoding="latin-1",
                                     names=["column1", "column2", "column3"], quoting=3)
    expected["wide.tsv"] = strings(folder / "wide.tsv", sep="\t", encoding="utf-16")
    expected["semicolon.csv"] = strings(folder / "semicolon.csv", sep=";")
    expected["windows.csv"] = strings(folder / "windows.csv", encoding="cp1252")
    with open(folder / "quoted.csv.gz", "wb") as raw, gzip.GzipFile("", "wb", mtime=0, fileobj=raw) as packed:
        packed.write(QUOTED.encode())
    expected["quoted.csv.gz"] = expected["quoted.csv"]
    with zipfile.ZipFile(folder / "several.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (("ml/README.txt", "read me"), ("ml/movies.dat", MOVIES), ("ml/ratings.csv", WIDE)):
            archive.writestr(zipfile.ZipInfo(name), text.encode("latin-1", "replace"), zipfile.ZIP_DEFLATED)
    expected["several.zip/ml/movies.dat"] = expected["movies.dat"]


def json_lines(folder, expected):
    lines = "".join(json.dumps(review, ensure_ascii=i % 2 == 0) + "\n" for i, review in enumerate(REVIEWS))
    (folder / "reviews.json").write_text(lines, encoding="utf-8")
    frame = pd.read_json(StringIO(lines), lines=True, dtype=False)
    frame["vote"] = frame["vote"].fillna("")
    expected["reviews.json"] = texts(frame)


def binary(folder, expected):
    frame = pd.DataFrame({
        "user": pd.Series([1, 2, 3], dtype="int64"),
        "item": pd.Series(["a", "ü", None], dtype="str"),
        "small": pd.Series([1, 2, 3], dtype="uint8"),
        "rating": pd.Series([4.5, 3.0, 0.1], dtype="float32"),
        "score": pd.Series([0.1, 1e300, -2.0], dtype="float64"),
        "when": np.array(["2015-01-31", "1999-12-31T23:59:59", "2020-02-29T12:00:00"], dtype="datetime64[s]"),
        "kind": pd.Series(["x", "y", "x"], dtype="category"),
    })
    table = pa.Table.from_pandas(frame, preserve_index=False)
    table = table.append_column("tags", pa.array([["p", "q"], [], None], pa.list_(pa.string())))
    pa.parquet.write_table(table, folder / "types.parquet", row_group_size=2)
    pa.feather.write_feather(table, str(folder / "types.feather"), compression="lz4", chunksize=2)
    rows = [["1", "a", "1", "4.5", "0.1", "2015-01-31 00:00:00", "x", "p, q"],
            ["2", "ü", "2", "3", "1e+300", "1999-12-31 23:59:59", "y", ""],
            ["3", "", "3", "0.1", "-2", "2020-02-29 12:00:00", "x", ""]]
    expected["types.parquet"] = expected["types.feather"] = {"columns": table.column_names, "rows": rows}
    nested = pa.table({"item_id": ["a"], "title": ["A"], "price": [{"amount": 1, "unit": "€"}]})
    pa.parquet.write_table(nested, folder / "nested.parquet")


def interactions():
    """Random rows with pairs that repeat; times in milliseconds."""
    draw = np.random.default_rng(7)
    users = (draw.zipf(1.3, 4000) - 1) % 90
    items = (draw.zipf(1.4, 4000) - 1) % 70
    return pd.DataFrame({"user_id": [f"u{u}" for u in users], "item_id": [f"i{i}" for i in items],
                         "rating": (draw.integers(1, 11, 4000) / 2).astype(str),
                         "timestamp": (1_400_000_000_000 + draw.integers(0, 3000, 4000) * 1000).astype(str)})


def once(frame, policy):
    frame = frame.copy()
    frame["row"] = range(len(frame))
    frame["time"] = frame.timestamp.astype("int64") // 1000
    frame["stars"] = frame.rating.astype(float)
    ordered = frame.sort_values(["time", "row"], kind="stable")
    pair = ["user_id", "item_id"]
    kept = ordered.drop_duplicates(pair, keep="first" if policy == "first" else "last").set_index(pair)
    if policy == "sum":
        kept["stars"] = ordered.groupby(pair).stars.sum()
    if policy == "any":
        kept["stars"] = ordered.groupby(pair).stars.max()
    return kept.reset_index().sort_values("row")


def fewest(frame, least_item, least_user, core):
    def at_least(frame, column, least):
        return frame[frame[column].map(frame[column].value_counts()) >= least]

    while True:
        before = len(frame)
        frame = at_least(frame, "item_id", least_item)
        frame = at_least(frame, "user_id", least_user)
        if not core or len(frame) == before:
            return frame


def filters(folder):
    frame = interactions()
    frame.to_csv(folder / "interactions.csv", index=False, lineterminator="\n")
    names = [f"i{i}" for i in range(0, 68)]
    (folder / "items.csv").write_text("item_id,title\n" + "".join(f"{n},Item {n}\n" for n in names), encoding="utf-8")
    result = []
    for policy, least, least_item, least_user, core in (
            ("last", 3.0, 0, 5, False), ("first", 3.0, 4, 6, False), ("sum", 6.0, 0, 3, False),
            ("any", 4.0, 4, 5, True), ("last", None, 7, 8, True)):
        kept = once(frame, policy)
        if least is not None:
            kept = kept[kept.stars >= least]
        kept = fewest(kept[kept.item_id.isin(names)], least_item, least_user, core)
        present = set(kept.item_id)
        items = [name for name in names if name in present]
        users = list(dict.fromkeys(kept.user_id))
        rows = kept.assign(u=kept.user_id.map({u: k for k, u in enumerate(users)}),
                           i=kept.item_id.map({i: k for k, i in enumerate(items)})).sort_values(["u", "i"])
        result.append({"duplicates": policy, "minRating": least, "minItem": least_item, "minUser": least_user,
                       "kCore": core, "left": count(kept, "left"),
                       "hash": digest(users, items, rows, [f"Item {name}" for name in items])})
    return result


def main():
    folder = Path(sys.argv[1])
    tables = folder / "tables"
    tables.mkdir(parents=True, exist_ok=True)
    expected = {}
    delimited(tables, expected)
    json_lines(tables, expected)
    binary(tables, expected)
    result = {"python": platform.python_version(), "pandas": pd.__version__, "pyarrow": pa.__version__,
              "tables": expected, "filters": filters(tables)}
    (folder / "import.json").write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
