#!/usr/bin/env python3
"""Golden values of the encoder, from sentence-transformers.

Reads data/texts.json and writes, beside it:
  tiny-bert/               a randomly initialised BERT as a complete sentence-transformers folder
  tiny-bert.safetensors    its token ids, embeddings under each pooling, and gradients of sum(embeddings * weights)
  minilm.safetensors       embeddings of all-MiniLM-L6-v2
Versions are in each file's metadata. Needs torch, transformers, tokenizers, sentence-transformers, safetensors.

    python encoder.py --minilm FOLDER [--tiny]

With --tiny the tiny BERT is made again too; its weights depend on the version of torch.
"""

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import safetensors.numpy
import sentence_transformers
import tokenizers
import torch
import transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

DATA = Path(__file__).parent / "data"
VERSIONS = {
    "torch": torch.__version__,
    "transformers": transformers.__version__,
    "tokenizers": tokenizers.__version__,
    "sentence-transformers": sentence_transformers.__version__,
    "numpy": np.__version__,
}
MAX_TOKENS = 48


def tiny_vocabulary():
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words += list(letters) + ["##" + c for c in letters] + list("0123456789") + ["##" + c for c in "0123456789"]
    words += list(".,:;!?'\"()[]{}-/") + ["é", "東", "京", "п", "##ч", "η"]
    words += """the a an and of in on to for with was were had that this who every one two rain bee ##s ##ed ##ing ##er
    ##ly ##keeper garden orchard tree ##es night day year ship letter map story genres drama mystery white spring
    children name cook kitchen quoted be ##tween word apple back away home long number hive ##ion ##al un ##able
    field river valley milk cart train twice again smiled""".split()
    words = list(dict.fromkeys(words))[:200]
    return words + [f"[unused{i}]" for i in range(200 - len(words))]


def make_tiny(folder):
    """A BERT whose every parameter is random, biases and normalisations included, so that none can be mixed up."""
    vocabulary = tiny_vocabulary()
    tokenizer = tokenizers.Tokenizer(
        tokenizers.models.WordPiece({w: i for i, w in enumerate(vocabulary)}, unk_token="[UNK]", max_input_chars_per_word=100)
    )
    tokenizer.normalizer = tokenizers.normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.decoder = tokenizers.decoders.WordPiece(prefix="##")
    wrapped = transformers.BertTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]",
        mask_token="[MASK]", do_lower_case=True, model_max_length=MAX_TOKENS,
    )
    torch.manual_seed(20240917)
    model = transformers.BertModel(
        transformers.BertConfig(
            vocab_size=200, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
            max_position_embeddings=64,
        )
    )
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            center = 1.0 if name.endswith("LayerNorm.weight") else 0.0
            parameter.normal_(center, 0.2)
    source = folder.with_name("tiny-bert-source")
    model.save_pretrained(source)
    wrapped.save_pretrained(source)
    shutil.rmtree(folder, ignore_errors=True)
    transformer = Transformer(str(source), max_seq_length=MAX_TOKENS)
    SentenceTransformer(modules=[transformer, Pooling(32, "mean"), Normalize()], device="cpu").save(str(folder))
    shutil.rmtree(source)
    # The folder as older versions write it, which state the length here.
    path = folder / "sentence_bert_config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps({**config, "max_seq_length": MAX_TOKENS, "do_lower_case": False}, indent=2) + "\n")
    (folder / "README.md").write_text("A tiny BERT with random weights, made by tests/golden/encoder.py.\n")


def golden_tiny(folder, texts):
    model = SentenceTransformer(str(folder), device="cpu").eval()
    out = {}
    ids = [model.tokenizer(t, truncation=True, max_length=MAX_TOKENS)["input_ids"] for t in texts]
    out["ids"] = np.array([i for row in ids for i in row], np.int32)
    out["offsets"] = np.cumsum([0] + [len(row) for row in ids]).astype(np.int64)
    for mode in ("mean", "cls", "max"):
        model[1].pooling_mode = mode
        out[f"embeddings.{mode}"] = model.encode(texts, batch_size=4)
        plain = SentenceTransformer(modules=[model[0], model[1]], device="cpu")
        out[f"embeddings.{mode}.plain"] = plain.encode(texts, batch_size=4)

    model[1].pooling_mode = "mean"
    weights = np.random.default_rng(7).standard_normal((len(texts), 32)).astype(np.float32)
    out["loss.weights"] = weights
    model = model.double().eval()
    features = model.preprocess(texts) if hasattr(model, "preprocess") else model.tokenize(texts)
    embeddings = model(features)["sentence_embedding"]
    loss = (embeddings * torch.from_numpy(weights).double()).sum()
    loss.backward()
    out["loss"] = np.array([loss.item()])
    for name, parameter in model[0].model.named_parameters():
        if parameter.grad is not None:
            out["gradient." + name] = parameter.grad.numpy().astype(np.float32)
    return out


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--minilm", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    arguments.add_argument("--tiny", action="store_true", help="make the tiny BERT again")
    arguments = arguments.parse_args()
    torch.set_num_threads(1)
    texts = json.loads((DATA / "texts.json").read_text())
    tiny = DATA / "tiny-bert"
    if arguments.tiny:
        make_tiny(tiny)
    safetensors.numpy.save_file(golden_tiny(tiny, texts), DATA / "tiny-bert.safetensors", VERSIONS)
    minilm = SentenceTransformer(str(arguments.minilm), device="cpu")
    embeddings = minilm.encode(texts, batch_size=4)
    safetensors.numpy.save_file({"embeddings": embeddings}, DATA / "minilm.safetensors", VERSIONS)
    for file in [*DATA.glob("*.safetensors"), *tiny.glob("*.safetensors")]:
        file.chmod(0o644)


if __name__ == "__main__":
    main()
