#!/usr/bin/env python3
"""Metrics and times of our recommenders beside those of others on the same lists, over several seeds, in one run.

    python bench_recommenders.py --program build/release/tests/bench/bench_recommenders --interactions FILE --items FILE
        [--scenario user-split] [--encoder DIR] [--time COLUMN] [--models '[["ials",{}], …]'] [--seeds 3] [--split 0]
        [--threads 2] [--json FILE] [-- further arguments of the program]

numpy, scipy, threadpoolctl; implicit, elsarec and torch for the models that are compared with them. For each seed the program
splits, fits and ranks; then each reference does so on the lists that it wrote, with the parameters that it reported. --split N
keeps split N and lets the seed decide the models' draws alone. A row of the table holds means and deviations over seeds; the
difference is that of pairs of one split and seed. It is "within" where its mean is at most twice the deviation of the
differences (a 95 % interval of three pairs reaches 2.5 of them), or 0.0005. CPU seconds are of all threads: beside other work
they say more than seconds do. The factors in the last row of a model say how much longer the reference took. ALS recalculates
the users' vectors in ranking; the reference of Heater does so in fitting, ours in ranking.

The tables of GoodBooks (user split; cold start) and of MovieLens (the last fifth of each user's items), with fewer epochs than
published so that they end within minutes, on both sides alike:

    … --models '[["popularity",{}],["item-knn",{}],["ials",{}],["ials",{"factors":64,"regularization":1,"alpha":10}]]' --seeds 5
    … --models '[["ease",{}],["elsa",{"epochs":10}]]'
    … --models '[["multvae",{"max_epochs":20}]]'
    … --scenario cold-start --encoder DIR --models '[["random",{}],["content",{}],["heater",{"rank":64,"epochs":1}]]'
    … --models '[["sansa",{}],["sansa",{"weight_matrix_density":0.05}]]' --seeds 1
    … --encoder DIR --models '[["mix",{}],["mix",{"cf":"sansa","weight":0.7}]]' --seeds 1
    … --models '[["item-knn",{"similarity":"tfidf"}],["item-knn",{"similarity":"bm25"}]]' --seeds 1
    … --scenario '' --time timestamp --models '[["popularity",{}],["sasrec",{"num_epochs":60}]]' -- --text overview
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--program", required=True)
parser.add_argument("--interactions", required=True)
parser.add_argument("--items", required=True)
parser.add_argument("--scenario", default="user-split")
parser.add_argument("--encoder")
parser.add_argument("--time")
parser.add_argument("--models", type=json.loads, default=[["popularity", {}], ["item-knn", {}], ["ials", {}], ["ease", {}]])
parser.add_argument("--seeds", type=int, default=3)
parser.add_argument("--split", type=int, default=0)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--json")
parser.add_argument("rest", nargs="*")
args = parser.parse_args()
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(args.threads)

from threadpoolctl import threadpool_limits  # noqa: E402

import bench_references as others  # noqa: E402

METRICS = ("recall@20", "recall@50", "ndcg@100")
TIMES = ("fit_seconds", "fit_cpu_seconds", "rank_seconds", "rank_cpu_seconds")
EPOCHS = ("epochs", "max_epochs", "num_epochs", "iterations")
UNSEEDED = ("popularity", "item-knn", "ease", "sansa", "content", "mix")


def reference(kind):
    named = {"popularity": "Popularity", "item-knn": "ItemKnn", "ials": "Ials", "ease": "Ease", "sansa": "Sansa", "elsa": "Elsa",
             "content": "Content", "mix": "Mix", "multvae": "MultVae", "sasrec": "SasRec", "heater": "Heater"}
    if kind in ("multvae", "sasrec", "heater"):
        import bench_networks
        return getattr(bench_networks, named[kind])
    return getattr(others, named[kind]) if kind in named else None


def ours(seed, folder):
    models = [[kind, given if kind in UNSEEDED else {**given, "seed": seed}] for kind, given in args.models]
    command = [args.program, "--interactions", args.interactions, "--items", args.items, "--threads", str(args.threads),
               "--seed", str(args.split or seed), "--lists", folder, "--models", json.dumps(models)]
    for option in ("scenario", "encoder", "time"):
        if getattr(args, option):
            command += ["--" + option, getattr(args, option)]
    out = subprocess.run(command + args.rest, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def theirs(kind, split, parameters, seed):
    made = reference(kind)(split, parameters, seed, args.threads)
    with threadpool_limits(1 if made.single_blas else args.threads, "blas"):
        begin, work = time.perf_counter(), time.process_time()
        made.fit()
        fitting, work = time.perf_counter() - begin, time.process_time() - work
        begin, ranked = time.perf_counter(), time.process_time()
        lists = made.top()
        ranking, ranked = time.perf_counter() - begin, time.process_time() - ranked
    return {"program": made.program, "fit_seconds": fitting, "fit_cpu_seconds": work, "rank_seconds": ranking,
            "rank_cpu_seconds": ranked, **others.metrics(lists, split.targets)}


def note(line):
    if args.json:
        with open(args.json, "a") as file:
            file.write(json.dumps(line) + "\n")


def spread(values, digits):
    text = f"{statistics.mean(values):.{digits}f}"
    return text + (f" ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else "")


def row(label, runs):
    epochs = [runs[0]["parameters"][name] for name in EPOCHS if name in runs[0]["parameters"]]
    mean = {key: statistics.mean(run[key] for run in runs) for key in TIMES}
    return [*label, *(spread([run[m] for run in runs], 4) for m in METRICS), f"{mean['fit_seconds']:.2f}",
            f"{mean['fit_cpu_seconds']:.2f}", f"{mean['fit_cpu_seconds'] / epochs[0]:.3f}" if epochs else "",
            f"{mean['rank_seconds']:.2f}", f"{mean['rank_cpu_seconds']:.2f}"]


def difference(mine, other):
    cells, verdicts = [], []
    for metric in METRICS:
        apart = [a[metric] - b[metric] for a, b in zip(mine, other)]
        mean = statistics.mean(apart)
        bound = max(5e-4, 2 * statistics.stdev(apart) if len(apart) > 1 else 0)
        verdicts.append("within" if abs(mean) <= bound else "better" if mean > 0 else "WORSE")
        cells.append(f"{mean:+.4f}" + (f" ± {statistics.stdev(apart):.4f}" if len(apart) > 1 else ""))

    def faster(key):
        return f"{sum(b[key] for b in other) / max(1e-9, sum(a[key] for a in mine)):.2f}x"

    return ["", "difference", *cells, faster("fit_seconds"), faster("fit_cpu_seconds"), "", faster("rank_seconds"),
            faster("rank_cpu_seconds"), " ".join(verdicts) if len(mine) > 1 else ""]


runs = [([], []) for _ in args.models]
for seed in range(1, args.seeds + 1):
    with tempfile.TemporaryDirectory() as folder:
        lines = ours(seed, folder)
        split = others.Split(folder, args.encoder is not None)
        for n, line in enumerate(lines):
            with open(f"{folder}/top.{n}.json") as file:
                again = others.metrics([others.np.array(top) for top in json.load(file)], split.targets)
            assert all(abs(line[m] - again[m]) < 1e-9 for m in METRICS), (line, again)
            note({"seed": seed, **line})
            runs[n][0].append(line)
            parameters = {k: v for k, v in line["parameters"].items() if k != "seed"}
            if reference(line["model"]):
                runs[n][1].append({"parameters": parameters, **theirs(line["model"], split, parameters, seed)})
                note({"seed": seed, "model": line["model"], **runs[n][1][-1]})

print(f"{args.scenario or 'a fifth of each user'}; {lines[0]['users']} users in training, {lines[0]['items']} items, "
      f"{lines[0]['interactions']} interactions (last split); {len(split.targets)} users ranked among "
      f"{len(split.candidates)} items; {args.seeds} seeds, {'split ' + str(args.split) if args.split else 'a split each'}, "
      f"{args.threads} threads")
table = [["model", "program", *METRICS, "fit s", "CPU s", "CPU/epoch", "rank s", "CPU s", "verdict"]]
for (kind, given), (mine, other) in zip(args.models, runs):
    table.append(row([kind, "apiary"], mine) + [""])
    if other:
        table.append(row([json.dumps(given) if given else "", other[0]["program"]], other) + [""])
        table.append(difference(mine, other))
widths = [max(len(line[i]) for line in table) for i in range(len(table[0]))]
for line in table:
    print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
