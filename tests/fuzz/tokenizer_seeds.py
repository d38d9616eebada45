#!/usr/bin/env python3
"""Writes a corpus for fuzz_tokenizer: small tokenizers of every family, made by hand.

Usage: tokenizer_seeds.py CORPUS
"""
import base64
import json
import struct
import sys
from pathlib import Path

TEXT = "a ab b\u00e9 12 <s> x".encode()


def charsmap():
    """A double array with the keys "A" → "a" and U+00E9 → "e" (see unicode_properties.py for the layout)."""
    array = [0] * 1024
    for block, byte, target, leaf in ((0, 0x41, 512, 256), (0, 0xC3, 256, 0), (256, 0xA9, 768, 256)):
        at = block + byte
        array[at] = byte | (at ^ target) << 10 | leaf
    array[512], array[768] = 0, 2
    return struct.pack("<1025I", 4096, *array) + b"a\0e\0"


def field(number, content):
    """A field of a protobuf message: bytes, or a float."""
    if isinstance(content, float):
        return bytes([number << 3 | 5]) + struct.pack("<f", content)
    if isinstance(content, int):
        return bytes([number << 3, content])
    size, written = len(content), b""
    while size >= 0x80:
        written += bytes([size & 0x7F | 0x80])
        size >>= 7
    return bytes([number << 3 | 2]) + written + bytes([size]) + content


def sentencepiece():
    pieces = ["<unk>", "<s>", "</s>", "\u2581", "a", "b", "\u2581a", "ab", "e"]
    model = b"".join(field(1, field(1, p.encode()) + field(2, -float(i))) for i, p in enumerate(pieces))
    return model + field(2, field(3, 1)) + field(3, field(1, b"nmt_nfkc") + field(2, charsmap()))


def template(first, last):
    return {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                                                     {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [], "special_tokens": {"<s>": {"id": "<s>", "ids": [first, last], "tokens": ["<s>", "<s>"]}}}


def tokenizers():
    split = {"type": "Split", "pattern": {"Regex": "(?i:'s)|\\p{L}+|\\s+(?!\\S)|\\s+"}, "behavior": "Isolated", "invert": False}
    level = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
    added = [{"id": 0, "content": "<s>", "single_word": False, "lstrip": True, "rstrip": False, "normalized": False,
              "special": True}, {"id": 40, "content": "12", "single_word": True, "normalized": True}]
    metaspace = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "first", "split": True}
    vocab = {t: i for i, t in enumerate(["<s>", "[UNK]", "a", "b", "ab", "##b", "\u0120", "\u0120a", "\u00c3", "\u00a9", "e", "<0x31>"])}
    unigram = {"type": "Unigram", "unk_id": 1, "byte_fallback": True,
               "vocab": [[t, -0.5 * i] for i, t in enumerate(["<s>", "<unk>", "\u2581", "a", "\u2581a", "ab", "aa", "<0x31>"])]}
    bpe = {"type": "BPE", "dropout": None, "unk_token": "[UNK]", "continuing_subword_prefix": "", "end_of_word_suffix": "",
           "fuse_unk": True, "byte_fallback": True, "ignore_merges": True, "vocab": vocab, "merges": ["a b", ["\u0120", "a"]]}
    wordpiece = {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "vocab": vocab}
    bert = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}
    precompiled = {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(charsmap()).decode()}
    small = [{"type": t} for t in ("NFC", "NFKD", "Lowercase", "StripAccents", "Nmt", "ByteLevel")]
    small += [{"type": "Strip", "strip_left": True, "strip_right": True}, {"type": "Prepend", "prepend": "x"},
              {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
              {"type": "Replace", "pattern": {"String": "a"}, "content": ""}]
    splits = [{"type": t} for t in ("Whitespace", "WhitespaceSplit", "BertPreTokenizer")]
    splits += [{"type": "Digits", "individual_digits": True}, {"type": "CharDelimiterSplit", "delimiter": "x"},
               {"type": "Punctuation", "behavior": "MergedWithPrevious"}]
    for model, normalizer, pre, post in (
            (wordpiece, bert, {"type": "BertPreTokenizer"}, {"type": "BertProcessing", "sep": ["<s>", 0], "cls": ["<s>", 0]}),
            (unigram, precompiled, {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]}, None),
            (unigram, {"type": "Sequence", "normalizers": small}, metaspace, template(0, 1)),
            (bpe, {"type": "NFC"}, level, {"type": "Sequence", "processors": [{"type": "ByteLevel"}, template(0, 3)]}),
            (bpe, None, {"type": "Sequence", "pretokenizers": [split, level]}, None),
            (bpe, {"type": "NFKC"}, {"type": "Sequence", "pretokenizers": splits}, None),
            ({"type": "WordLevel", "unk_token": "[UNK]", "vocab": vocab}, None, None, None)):
        yield {"version": "1.0", "added_tokens": added, "normalizer": normalizer, "pre_tokenizer": pre,
               "post_processor": post, "model": model}


def main():
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    seeds = [(0, json.dumps(t, ensure_ascii=i % 2 == 0).encode()) for i, t in enumerate(tokenizers())]
    seeds.append((1, sentencepiece()))
    seeds.append((2, b"[PAD]\n[UNK]\n[CLS]\n[SEP]\na\n##b\nab\n"))
    seeds.append((3, b'{"<s>":0,"</s>":1,"a":2,"b":3,"ab":4}\0#version: 0.2\na b\n'))
    seeds.append((4, b"<s>\n<pad>\n</s>\n[UNK]\na\n##b\n<mask>\n" + b'\0{"tokenizer_class":"MPNetTokenizer","do_lower_case":true,'
                  b'"added_tokens_decoder":{"7":{"content":"<x>","special":true}}}'))
    for i, (kind, content) in enumerate(seeds):
        (out / f"seed{i}").write_bytes(bytes([kind]) + content + TEXT + bytes([len(TEXT)]))


main()
