#!/usr/bin/env python3
"""Tokens a second of the `tokenizers` package, the peer of tests/bench/tokenize.cpp; prints both if told where that is.

Usage: bench_tokenize.py TEXTS FOLDER... [--program bench_tokenize] [--threads 1,2] [--max-tokens 512] [--repeat 5]
TEXTS has one JSON object a line, whose field "text" is the text; bench_tokenize.py --texts DATA writes such lines for
the datasets under DATA to standard output. Runs of the two take turns, and the best of each counts.
"""
import argparse
import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path


def write_texts(folder):
    for file in sorted(Path(folder).glob("*/items.csv")):
        with open(file, encoding="utf-8", newline="") as lines:
            for row in csv.reader(lines):
                sys.stdout.write(json.dumps({"text": " ".join(row)}) + "\n")


def package(folder, texts, repeat, most):
    """In a process of its own, since threads are counted once."""
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(most)
    lines = [json.loads(line)["text"] for line in open(texts, encoding="utf-8")]
    best, tokens = 1e30, 0
    for _ in range(repeat):
        start = time.perf_counter()
        encodings = tokenizer.encode_batch_fast(lines)
        best = min(best, time.perf_counter() - start)
        tokens = sum(len(encoding.ids) for encoding in encodings)
    print(json.dumps({"program": "tokenizers", "texts": len(lines), "tokens": tokens, "seconds": best,
                      "tokens_per_second": tokens / best}))


def run(command, threads):
    environment = {**os.environ, "RAYON_NUM_THREADS": str(threads), "TOKENIZERS_PARALLELISM": str(threads > 1).lower()}
    return json.loads(subprocess.run(command, capture_output=True, check=True, env=environment).stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("texts")
    parser.add_argument("folders", nargs="*")
    parser.add_argument("--program")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--max-tokens", type=int, default=512)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--package", action="store_true", help=argparse.SUPPRESS)
    if len(sys.argv) == 3 and sys.argv[1] == "--texts":
        return write_texts(sys.argv[2])
    options = parser.parse_args()
    if options.package:
        return package(options.folders[0], options.texts, options.repeat, options.max_tokens)
    for folder in options.folders:
        for threads in map(int, options.threads.split(",")):
            theirs = [sys.executable, __file__, options.texts, folder, "--package", "--repeat", str(options.repeat),
                      "--max-tokens", str(options.max_tokens)]
            ours = [options.program, "--encoder", folder, "--texts", options.texts, "--field", "text", "--threads",
                    str(threads), "--repeat", str(options.repeat), "--max-tokens", str(options.max_tokens)]
            best = {}
            for _ in range(options.rounds):
                for name, command in (("package", theirs), ("apiary", ours)):
                    if command[0]:
                        result = run(command, threads)
                        best[name] = max(best.get(name, 0), result["tokens_per_second"])
            line = " ".join(f"{name} {rate / 1e6:.2f} M tokens/s" for name, rate in best.items())
            ratio = f" ratio {best['apiary'] / best['package']:.2f}" if len(best) == 2 else ""
            print(f"{Path(folder).name:16} {threads} threads: {line}{ratio}", flush=True)


if __name__ == "__main__":
    main()
