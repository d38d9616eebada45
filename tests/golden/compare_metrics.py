"""Prints RecPack's metrics for predictions that apiary-cli exported.

    python tests/golden/compare_metrics.py PREDICTIONS.csv TARGETS.csv [--metrics LIST] [--model NAME] [--json]
                                           [--users OUT.csv]

PREDICTIONS has the columns user, item, rank, score (what `apiary-cli evaluate --predictions` writes; a column `model` may
come with it: every model is reported then, or the one that --model names). TARGETS has the columns user, item: every
user of the task, whether recommended anything or not. Ids are compared as text. Needs recpack 0.3.6 and pandas.

RecPack gets rank-derived scores, so that the lists it sees are the lists in the file: in equal scores it would break ties
in its own way. Users of TARGETS without any prediction count with the value 0, as RecPack defines it; predictions of
users without targets are dropped, and their number is printed.
"""

import argparse
import importlib.metadata
import json
import sys

import pandas as pd
from recpack.metrics import CalibratedRecallK, HitK, NDCGK, PrecisionK, RecallK, ReciprocalRankK
from scipy.sparse import csr_matrix

KINDS = {"recall": CalibratedRecallK, "plain-recall": RecallK, "ndcg": NDCGK, "precision": PrecisionK,
         "mrr": ReciprocalRankK, "hit": HitK}


def fail(message):
    sys.exit(f"compare_metrics.py: {message}")


def read(path, columns):
    table = pd.read_csv(path, dtype={"user": str, "item": str}, keep_default_na=False)
    missing = [c for c in columns if c not in table.columns]
    if missing:
        fail(f"{path} lacks the columns {', '.join(missing)}")
    return table


def check(predictions, path):
    if predictions.duplicated(["user", "item"]).any():
        fail(f"{path} recommends an item twice to a user")
    ordered = predictions.sort_values(["user", "rank"], kind="stable")
    if (ordered.groupby("user").cumcount() + 1 != ordered["rank"]).any():
        fail(f"{path}: the ranks of a user are not 1, 2, 3 ...")
    if (ordered.groupby("user")["score"].diff() > 0).any():
        fail(f"{path}: a score grows with the rank")
    if (ordered["score"] <= 0).any():
        fail(f"{path}: an item with a score of zero or less is recommended")


def values_of(name, true, predicted, users):
    """A value a user, in the order of the matrix."""
    kind, _, k = name.partition("@")
    if kind not in KINDS or not k.isdigit():
        fail(f"RecPack has no metric {name}; there are {', '.join(KINDS)}, such as {kind or 'recall'}@20")
    metric = KINDS[kind](int(k))
    metric.calculate(true, predicted)
    if kind == "hit":  # RecPack counts hits; hit@k asks whether there is one
        return (metric.scores_.sum(axis=1).A.ravel() > 0).astype(float)
    return metric.results.set_index("user_id")["score"].reindex(range(users)).to_numpy()


def report(predictions, targets, metrics):
    users = {user: row for row, user in enumerate(dict.fromkeys(targets["user"]))}
    known = predictions[predictions["user"].isin(users)]
    items = {item: j for j, item in enumerate(dict.fromkeys([*targets["item"], *known["item"]]))}
    shape = (len(users), len(items))

    def matrix(table, values):
        return csr_matrix((values, (table["user"].map(users), table["item"].map(items))), shape=shape)

    true = matrix(targets, [1.0] * len(targets))
    deepest = known["rank"].max() if len(known) else 0
    predicted = matrix(known, (deepest + 1 - known["rank"]).astype(float))
    result = {
        "users": len(users),
        "users_without_predictions": len(users) - known["user"].nunique(),
        "predicted_users_without_targets": int(predictions["user"].nunique() - known["user"].nunique()),
    }
    columns = {"user": list(users)}
    for name in metrics:
        columns[name] = values_of(name, true, predicted, len(users))
        result[name] = float(columns[name].mean())
    return result, pd.DataFrame(columns)


def main():
    parser = argparse.ArgumentParser(description="RecPack's metrics of exported predictions")
    parser.add_argument("predictions")
    parser.add_argument("targets")
    parser.add_argument("--metrics", default="recall@20,recall@50,ndcg@100", help="a list such as recall@20,mrr@100")
    parser.add_argument("--model", help="report only this model of a file with a column `model`")
    parser.add_argument("--json", action="store_true", help="one JSON object a model")
    parser.add_argument("--users", metavar="OUT.csv", help="write the values of every user, too")
    arguments = parser.parse_args()

    predictions = read(arguments.predictions, ["user", "item", "rank", "score"])
    targets = read(arguments.targets, ["user", "item"]).drop_duplicates(["user", "item"])
    if "model" not in predictions.columns:
        predictions["model"] = ""
    models = list(dict.fromkeys(predictions["model"]))
    if arguments.model is not None:
        if arguments.model not in models:
            fail(f"{arguments.predictions} has no model {arguments.model!r}; it has {', '.join(models)}")
        models = [arguments.model]

    tables = []
    for model in models:
        rows = predictions[predictions["model"] == model]
        check(rows, arguments.predictions)
        result, table = report(rows, targets, [name.strip() for name in arguments.metrics.split(",")])
        tables.append(table.assign(model=model))
        if arguments.json:
            print(json.dumps({"model": model, "recpack": importlib.metadata.version("recpack"), **result}))
        else:
            print(f"{model or 'predictions'} (recpack {importlib.metadata.version('recpack')})")
            for key, value in result.items():
                print(f"  {key:32}{value:.12f}" if isinstance(value, float) else f"  {key:32}{value}")
    if arguments.users:
        pd.concat(tables).to_csv(arguments.users, index=False)


if __name__ == "__main__":
    main()
