#!/usr/bin/env python3
"""Writes starting inputs for two fuzzers from the golden folders: model_seeds.py OUT

OUT/safetensors holds golden files cut to their small ones, OUT/model_folder each golden configuration with the two bytes
before it that fuzz_model_folder wants.
"""

import sys
from pathlib import Path

FILES = [
    "config.json",
    "modules.json",
    "1_Pooling/config.json",
    "sentence_bert_config.json",
    "2_Dense/config.json",
    "tokenizer_config.json",
    "model.safetensors.index.json",
    "config_sentence_transformers.json",
    "2_LayerNorm/config.json",
]
golden = Path(__file__).resolve().parent.parent / "golden" / "data"
out = Path(sys.argv[1])
for name in ("safetensors", "model_folder"):
    (out / name).mkdir(parents=True, exist_ok=True)
for number, path in enumerate(sorted(golden.rglob("*.safetensors"))):
    if path.stat().st_size < 8192:
        (out / "safetensors" / f"{number}").write_bytes(path.read_bytes())
number = 0
for folder in [golden / "tiny-bert", *sorted((golden / "modules").iterdir()), *sorted((golden / "architectures").iterdir())]:
    for index, name in enumerate(FILES):
        if (folder / name).is_file():
            for which in range(15):
                (out / "model_folder" / f"{number}").write_bytes(bytes([which, index]) + (folder / name).read_bytes())
                number += 1
