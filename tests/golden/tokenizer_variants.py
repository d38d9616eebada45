#!/usr/bin/env python3
"""Golden values for the families of tokenizers: digests of ids that the `tokenizers` package gives for random texts.

Usage: tokenizer_families.py small data/tokenizers, then tokenizer_variants.py
Writes data/tokenizer_variants.json beside this script. A variant is one of the small tokenizers with parts put in the
place of its own, so that every component is there at least once.
"""
import json
import os
import platform
import unicodedata
from pathlib import Path

import sentencepiece
import tokenizers
from tokenizers import Tokenizer

import check_tokens
from tokenizer import Digest, Fuzz, digest_of, patched, scalar_texts
from tokenizer_families import OTHER, QWEN

HERE = Path(__file__).parent / "data"
TEXTS = 6000


class FamilyFuzz(Fuzz):
    RANGES = check_tokens.RANGES + [(0x61, 0x7A)] * 6
    PIECES = check_tokens.PIECES


def sequence(*parts):
    kind = "normalizers" if parts and parts[0]["type"] in NORMALIZERS else "pretokenizers"
    return {"type": "Sequence", kind: list(parts)}


NORMALIZERS = "NFC NFD NFKC NFKD Nmt Lowercase StripAccents Strip Replace Prepend BertNormalizer Precompiled".split()
LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
SPACES = {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "\u2581"}


def plain(kind, **options):
    return {"type": kind, **options}


def split(pattern, behavior, invert=False, kind="Regex"):
    return {"type": "Split", "pattern": {kind: pattern}, "behavior": behavior, "invert": invert}


def metaspace(scheme, splits=True):
    return {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": scheme, "split": splits}


def variants():
    charsmap = json.loads((HERE / "tokenizers/xlmr/tokenizer.json").read_text())["normalizer"]
    strip = plain("Strip", strip_left=False, strip_right=True)
    for folder in ("bert", "mpnet_txt", "xlmr", "xlmr_spm", "roberta_txt", "modernbert", "qwen", "qwen_txt", "llama2", "clip"):
        yield folder, folder, {}
    # Unigram
    yield "older XLM-R", "xlmr", {"normalizer": sequence(charsmap, strip, SPACES), "pre_tokenizer": metaspace("always")}
    yield "T5", "xlmr", {"normalizer": sequence(charsmap, {**SPACES, "content": " "}), "pre_tokenizer": metaspace("first")}
    yield "whole text", "xlmr", {"normalizer": sequence(plain("NFKC"), plain("Strip", strip_left=True, strip_right=True)),
                                 "pre_tokenizer": metaspace("first", False)}
    yield "no pre-tokenizer", "xlmr", {"pre_tokenizer": None, "normalizer": plain("Nmt")}
    yield "never", "xlmr", {"pre_tokenizer": metaspace("never"), "normalizer": None}
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        yield form, "xlmr", {"normalizer": plain(form)}
    yield "no accents", "xlmr", {"normalizer": sequence(plain("NFD"), plain("StripAccents"), plain("Lowercase"))}
    yield "emptied starts", "xlmr", {
        "normalizer": sequence(plain("Replace", pattern={"String": "a"}, content=""), plain("StripAccents"),
                               plain("Replace", pattern={"Regex": "[0-9]+"}, content="#")),
        "pre_tokenizer": metaspace("first")}
    # Byte-level BPE
    yield "spaced", "roberta_txt", {"add_prefix_space": True}
    yield "Llama 3", "qwen", {"normalizer": None, "model": {"ignore_merges": True}, "pre_tokenizer": sequence(
        split(QWEN.replace(r"\p{N}|", r"\p{N}{1,3}|"), "Isolated"), LEVEL)}
    yield "expressions", "qwen", {"pre_tokenizer": sequence(*(split(r, "Isolated") for r in OTHER), LEVEL)}
    yield "categories", "qwen", {"normalizer": None, "pre_tokenizer": sequence(
        *(split(rf"\p{{{c}}}+", "Isolated") for c in "Lu Ll Lt Lm Lo M Nd Nl No P S Z Cc Cf Co Cn".split()), LEVEL)}
    yield "byte normalizer", "qwen", {"normalizer": plain("ByteLevel"), "pre_tokenizer": None}
    for behavior in ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"):
        yield f"split {behavior}", "qwen", {"pre_tokenizer": sequence(split(r"[\s\d]|e*", behavior), LEVEL)}
        yield f"split not {behavior}", "qwen", {"pre_tokenizer": sequence(split(r"\w+", behavior, True), LEVEL)}
        yield f"punctuation {behavior}", "qwen", {"pre_tokenizer": sequence(
            plain("Punctuation", behavior=behavior), LEVEL)}
    yield "literal", "qwen", {"pre_tokenizer": sequence(split("a", "MergedWithNext", kind="String"), LEVEL)}
    for individual in (True, False):
        yield f"digits {individual}", "qwen", {"pre_tokenizer": sequence(
            plain("Digits", individual_digits=individual), LEVEL)}
    for kind in ("Whitespace", "WhitespaceSplit", "BertPreTokenizer"):
        yield kind, "qwen", {"pre_tokenizer": sequence(plain(kind), LEVEL)}
    yield "delimiter", "qwen", {"pre_tokenizer": sequence(plain("CharDelimiterSplit", delimiter="a"), LEVEL)}
    # BPE of characters
    yield "not fused", "llama2", {"model": {"fuse_unk": False, "byte_fallback": False}}
    yield "no unknown", "llama2", {"model": {"unk_token": None}}
    yield "BERT's within", "clip", {"normalizer": sequence(plain(
        "BertNormalizer", clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=False))}


def reference(folder, patch):
    file = HERE / "tokenizers" / folder / "tokenizer.json"
    if file.exists():
        tokenizer = Tokenizer.from_str(json.dumps(patched(json.loads(file.read_text()), patch)))
    else:
        os.environ["HF_HUB_OFFLINE"] = "1"
        from transformers import AutoTokenizer
        tokenizer = AutoTokenizer.from_pretrained(file.parent, **patch)._tokenizer
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def texts(count):
    fuzz = FamilyFuzz()
    return [fuzz.text() for _ in range(count)]


def main():
    import transformers
    golden = {"versions": {"tokenizers": tokenizers.__version__, "transformers": transformers.__version__,
                           "sentencepiece": sentencepiece.__version__, "python": platform.python_version(),
                           "unicodedata": unicodedata.unidata_version},
              "ranges": FamilyFuzz.RANGES, "pieces": FamilyFuzz.PIECES, "count": TEXTS, "variants": []}
    sample = texts(TEXTS)
    for name, folder, patch in variants():
        print(name, flush=True)
        tokenizer = reference(folder, patch)
        entry = {"name": name, "folder": folder, "patch": patch, **digest_of(tokenizer, sample)}
        entry["ids"] = [tokenizer.encode(text).ids for text in sample[:20]]
        if name in ("xlmr", "qwen"):
            entry["scalars"] = digest_of(tokenizer, scalar_texts())
        tokenizer.enable_truncation(7)
        cut = Digest()
        for encoding in tokenizer.encode_batch_fast(sample):
            cut.add(encoding.ids)
        entry["cut"] = cut.text()
        golden["variants"].append(entry)
    (HERE / "tokenizer_variants.json").write_text(json.dumps(golden, ensure_ascii=True, separators=(",", ":")) + "\n")

if __name__ == "__main__":
    main()
