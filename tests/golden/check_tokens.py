#!/usr/bin/env python3
"""Compares a program's token ids with the `tokenizers` package's (or transformers'), text by text.

Usage: check_tokens.py PROGRAM DATA FOLDER...
PROGRAM takes --encoder FOLDER --texts FILE [--field NAME] --ids and prints an array of ids a line: bench_tokenize does.
DATA is a folder of datasets (*/items.csv). A FOLDER holds tokenizer.json, or what transformers makes a tokenizer of.
For each folder and corpus it prints how many texts there are and how many of them differ, and the first that does.

The corpora: every field of the datasets; 20,000 random strings; every Unicode scalar value, alone and within a word;
long texts; bytes that are no UTF-8, where each maximal subpart of an ill-formed sequence counts as one U+FFFD.
"""
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import tokenizers

PIECES = ["e\u0301", "o\u0323\u0302", "\u0915\u094d\u0937\u093f", "\u1100\u1161\u11a8", "\u0e01\u0e33", "\ufb01", "\u2460",
          "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea", "\U0001f44d\U0001f3fd", "\u2764\ufe0f", "#\ufe0f\u20e3",
          "\u202babc\u202c", "\u2066\u05e9\u2069", "\u200e", "\u200b", "\ufeff", "\u00ad", "\u2581", "\u2581\u2581", "  ", "   ", " ", " ", " ",
          "\r\n", "\n", "\t", "\u3000", "\u00a0", "\x00", "\x01", "\x7f", "\x85", "\ufffd", "...", "!!!!!", "-----", "aaaaaaa",
          "'s", "'S", "'\u017f", "'ll", "'Re", "don't", "1234567", "3.14", "\u0663\u0664", "\u2167", "\u00bd", "<s>", "</s>", " <mask>", "<mask> ",
          "[MASK]", "<pad>", "<unk>", "<|endoftext|>", "<think>", "|||IP_ADDRESS|||", "\uff21\uff22\uff23", "\u4e2d\u6587\u5b57\u7b26", "\u3053\u3093\u306b\u3061\u306f",
          "\uc548\ub155", "\u041f\u0440\u0438\u0432\u0435\u0442", "\u0645\u0631\u062d\u0628\u0627", "Hello", "WORLD", "the", "\u0130", "\u03a3\u03c2", "\u00df", "\u1e9e", "\u01c5", "\u0600", "\u0600a",
          "\U00010a01", "\U0001d11e", "\U000e0041", "\ue000", "\U0010ffff", "\u0378", "_", "a_b", "@user", "http://x.yz/?q=1"]
RANGES = [(0, 0x7F), (0x80, 0x24F), (0x300, 0x36F), (0x370, 0x52F), (0x590, 0x6FF), (0x900, 0xDFF), (0xE00, 0x109F),
          (0x1100, 0x11FF), (0x1780, 0x1AFF), (0x1E00, 0x20FF), (0x2100, 0x2BFF), (0x3000, 0x30FF), (0x4E00, 0x9FFF),
          (0xA000, 0xABFF), (0xAC00, 0xD7FF), (0xE000, 0xFFFF), (0x10000, 0x11FFF), (0x16000, 0x1CFFF), (0x1D000, 0x1FAFF),
          (0x20000, 0x2FFFF), (0xE0000, 0xE01FF)]


def random_text(rng):
    parts = []
    for _ in range(rng.randint(0, 24)):
        kind = rng.random()
        if kind < 0.45:
            parts.append(rng.choice(PIECES))
        elif kind < 0.6:
            parts.append("".join(chr(rng.randint(97, 122)) for _ in range(rng.randint(1, 9))))
        else:
            first, last = rng.choice(RANGES)
            parts.append("".join(chr(rng.randint(first, last)) for _ in range(rng.choice((1, 1, 2, 5)))))
    return "".join(parts)


def datasets(folder):
    for file in sorted(Path(folder).glob("*/items.csv")):
        with open(file, encoding="utf-8", newline="") as lines:
            for row in csv.reader(lines):
                yield from filter(None, row)


def scalars():
    for c in range(0x110000):
        if not 0xD800 <= c < 0xE000:
            yield chr(c)
            yield f"a{chr(c)}b"


def long_texts(rng):
    yield "a" * 50000
    yield "!" * 5000 + "\u00e9" * 5000
    yield " " * 20000
    yield "\n" * 3000 + " " * 3000
    yield "1" * 7001
    yield "\u4e2d" * 4000
    yield "ab" * 9000
    yield "e\u0301" * 3000 + "\u0301" * 3000
    yield "\U0001f468\u200d" * 1000
    for _ in range(10):
        yield " ".join(random_text(rng) for _ in range(300))


def invalid(rng):
    broken = [b"\xff", b"\x80", b"\xc3", b"\xe4\xb8", b"\xf0\x9f\x98", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\xfe"]
    for _ in range(3000):
        text = b"".join(rng.choice(broken) if rng.random() < 0.3 else random_text(rng)[:6].encode()
                        for _ in range(rng.randint(1, 8)))
        yield text.replace(b"\n", b" ").replace(b"\r", b" ")


class Reference:
    def __init__(self, folder):
        self.file = folder / "tokenizer.json"
        if self.file.exists():
            self.tokenizer = tokenizers.Tokenizer.from_file(str(self.file))
        else:
            os.environ["HF_HUB_OFFLINE"] = "1"
            from transformers import AutoTokenizer
            self.tokenizer = AutoTokenizer.from_pretrained(folder)._tokenizer
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

    def ids(self, texts):
        for i in range(0, len(texts), 5000):
            for encoding in self.tokenizer.encode_batch_fast(texts[i:i + 5000]):
                yield encoding.ids


def program_ids(program, folder, texts):
    """`texts` are bytes (one a line) or strings (JSON lines)."""
    with tempfile.NamedTemporaryFile() as file:
        raw = bool(texts) and isinstance(texts[0], bytes)
        for text in texts:
            file.write(text if raw else json.dumps({"text": text}).encode())
            file.write(b"\n")
        file.flush()
        command = [program, "--encoder", str(folder), "--texts", file.name, "--ids", "--threads", "2"]
        done = subprocess.run(command + ([] if raw else ["--field", "text"]), capture_output=True)
        if done.returncode:
            sys.exit(f"{folder}: {done.stderr.decode()}")
        return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    program, data, folders = sys.argv[1], sys.argv[2], [Path(f) for f in sys.argv[3:]]
    only = os.environ.get("CORPORA", "data random scalars long invalid").split()
    corpora = {}
    for name, make in (("data", lambda: datasets(data)), ("random", lambda: (random_text(rng) for _ in range(20000))),
                       ("scalars", scalars), ("long", lambda: long_texts(rng)), ("invalid", lambda: invalid(rng))):
        rng = random.Random(name)
        if name in only:
            corpora[name] = list(make())
    bad = 0
    for folder in folders:
        reference = Reference(folder)
        for name, texts in corpora.items():
            got = program_ids(program, folder, texts)
            decoded = [t.decode("utf-8", "replace") if isinstance(t, bytes) else t for t in texts]
            assert len(got) == len(texts), (len(got), len(texts))
            wrong = [(text, mine, theirs) for text, mine, theirs in zip(decoded, got, reference.ids(decoded))
                     if mine != theirs]
            bad += len(wrong)
            print(f"{folder.name:14} {name:8} {len(texts):8} texts {sum(map(len, got)):9} tokens {len(wrong)} mismatches",
                  flush=True)
            for text, mine, theirs in wrong[:int(os.environ.get("SHOW", "1"))]:
                short = min(wrong, key=lambda w: len(w[0]))
                print(f"    {short[0]!r:.300}\n    program {str(short[1]):.300}\n    package {str(short[2]):.300}")
    print(f"tokenizers {tokenizers.__version__}: {bad} mismatches")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
