#!/usr/bin/env python3
"""Whether sentence-transformers agrees with what Apiary wrote: loads an encoder folder, encodes texts, and compares with
embeddings from `apiary-cli encode`. Prints one JSON object; fails where the largest difference exceeds the tolerance.

    python check_saved.py FOLDER TEXTS EMBEDDINGS.npy [--tolerance 1e-5]

TEXTS: a JSON array of texts, or one text a line.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import sentence_transformers
from sentence_transformers import SentenceTransformer


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("texts", type=Path)
    arguments.add_argument("embeddings", type=Path)
    arguments.add_argument("--tolerance", type=float, default=1e-5)
    arguments = arguments.parse_args()

    content = arguments.texts.read_text(encoding="utf-8")
    texts = json.loads(content) if arguments.texts.suffix == ".json" else content.removesuffix("\n").split("\n")
    ours = np.load(arguments.embeddings)
    model = SentenceTransformer(str(arguments.folder), device="cpu")
    theirs = model.encode(texts, batch_size=16, show_progress_bar=False)
    if ours.shape != theirs.shape or ours.dtype != np.float32:
        sys.exit(f"Apiary wrote {ours.dtype} {ours.shape}, sentence-transformers gives {theirs.dtype} {theirs.shape}")
    difference = np.abs(ours - theirs)
    print(
        json.dumps(
            {
                "texts": len(texts),
                "max_abs_difference": float(difference.max()),
                "worst_text": int(difference.max(1).argmax()),
                "sentence_transformers": sentence_transformers.__version__,
            }
        )
    )
    sys.exit(0 if difference.max() <= arguments.tolerance else 1)


if __name__ == "__main__":
    main()
