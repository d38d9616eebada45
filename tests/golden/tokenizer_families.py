#!/usr/bin/env python3
"""Trains one tokenizer of each family that sentence encoders use: exact normalizer, pre-tokenizer, post-processor and ids.

Usage: tokenizer_families.py large OUT DATA    folders of 30,000 entries and more in OUT, from the texts under DATA
       tokenizer_families.py small OUT         the same with some hundred entries, from made-up text only; OUT is
                                               tests/golden/data/tokenizers
Needs the packages of tests/golden/data/tokenizer_families.json, and sentencepiece. Each folder holds the files that
a model's folder would: tokenizer.json, or what came before it.
"""
import csv
import json
import random
import sys
import tempfile
import unicodedata
from pathlib import Path

import sentencepiece
from tokenizers import (AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers)
from tokenizers.pre_tokenizers import ByteLevel

QWEN = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
        r"|\s+(?!\S)|\s+")
LLAMA3 = QWEN.replace(r"\p{N}|", r"\p{N}{1,3}|")
# What no matcher of its own knows, like DeepSeek's.
OTHER = [r"\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+",
         r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+"]
SCRIPTS = [(0x61, 0x7A), (0xDF, 0xFF), (0x3B1, 0x3C9), (0x430, 0x44F), (0x5D0, 0x5EA), (0x621, 0x64A), (0x905, 0x939),
           (0xE01, 0xE30), (0x3041, 0x3093), (0x30A1, 0x30F3), (0x4E00, 0x4F00), (0xAC00, 0xAD00), (0x1F600, 0x1F640)]


MASK = {"content": "<mask>", "lstrip": True, "rstrip": False, "normalized": False, "single_word": False,
        "__type": "AddedToken"}
ROBERTA_TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "cls_token": "<s>",
                  "unk_token": "<unk>", "pad_token": "<pad>", "mask_token": MASK}


def made_up(count, seed=1):
    """Lines of invented words in many scripts, the frequent ones again and again."""
    rng = random.Random(seed)
    words = []
    for first, last in SCRIPTS:
        for _ in range(400 if first == 0x61 else 100):
            words.append("".join(chr(rng.randint(first, last)) for _ in range(rng.randint(1, 8))))
    words += ["1", "23", "2024", "3.14", "don't", "I'm", "we'll", "(x)", "a,b", "...", "!!", "e\u0301", "o\u0302\u0323",
              "\ufb01n", "\uff21\uff22", "\u00bd", "\u2460", "\u00a0", "x\u200by"]
    for _ in range(count):
        line = " ".join(rng.choice(words[:int(len(words) * rng.random()) + 1]) for _ in range(rng.randint(3, 20)))
        yield line.capitalize() + rng.choice([".", "!", "?", " ...", "\n", ""])


def dataset(folder):
    for file in sorted(Path(folder).glob("*/items.csv")):
        with open(file, encoding="utf-8", newline="") as lines:
            for row in csv.reader(lines):
                yield from row


def special(*tokens, **flags):
    return [AddedToken(token, special=True, normalized=False, **flags) for token in tokens]


def small_rules():
    """Rules of the kinds that nmt_nfkc has: compositions, compatibility characters, spaces, controls."""
    def rule(source, target):
        return " ".join(f"{ord(c):X}" for c in source) + "\t" + " ".join(f"{ord(c):X}" for c in target) + "\n"

    for c in list(range(0xC0, 0x180)) + list(range(0x1EA0, 0x1EFA)) + list(range(0xAC00, 0xAC20)):
        if unicodedata.normalize("NFD", chr(c)) != chr(c):
            yield rule(unicodedata.normalize("NFD", chr(c)), chr(c))
    for c in [0xAA, 0xBD, 0x1C4, 0x2460, 0x2126, 0x3000, 0xFB01, 0xFDFA, *range(0xFF01, 0xFF5F), 0x1D400]:
        yield rule(chr(c), unicodedata.normalize("NFKC", chr(c)))
    for c in (0x09, 0x0A, 0x0D, 0xA0, 0x200B, 0x2028, 0xFEFF, 0xFFFD):
        yield rule(chr(c), " ")
    for c in (*range(1, 9), 0x7F, 0xAD):
        yield rule(chr(c), "")


class Families:
    def __init__(self, out, texts, size):
        self.out, self.texts, self.size = Path(out), texts, size

    def save(self, name, tokenizer, config=None):
        folder = self.out / name
        folder.mkdir(parents=True, exist_ok=True)
        if isinstance(tokenizer, Tokenizer):
            tokenizer = json.loads(tokenizer.to_str())
        (folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=True, indent=None) + "\n")
        if config:
            (folder / "tokenizer_config.json").write_text(json.dumps(config) + "\n")

    def save_old(self, name, model_type, config):
        """The folder of a model from before tokenizer.json."""
        folder = self.out / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text(json.dumps({"model_type": model_type}) + "\n")
        (folder / "tokenizer_config.json").write_text(json.dumps(config) + "\n")
        return folder

    def around(self, first, last, tokenizer):
        ids = [(token, tokenizer.token_to_id(token)) for token in {first, last}]
        return processors.TemplateProcessing(single=f"{first} $A {last}", pair=f"{first} $A {last} $B:1 {last}:1",
                                             special_tokens=ids)

    # WordPiece: BERT's and MPNet's

    def wordpiece(self, name, tokens, lowercase):
        tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        trainer = trainers.WordPieceTrainer(vocab_size=self.size, special_tokens=tokens, show_progress=False,
                                            limit_alphabet=self.size // 4)
        tokenizer.train_from_iterator(self.texts, trainer)
        return tokenizer

    def bert(self):
        tokenizer = self.wordpiece("bert", special("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"), False)
        tokenizer.post_processor = self.around("[CLS]", "[SEP]", tokenizer)
        self.save("bert", tokenizer)

    def mpnet(self):
        tokenizer = self.wordpiece("mpnet", special("<s>", "<pad>", "</s>", "[UNK]") + special("<mask>", lstrip=True),
                                   True)
        tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
        self.save("mpnet", tokenizer)
        vocabulary = tokenizer.get_vocab()
        folder = self.save_old("mpnet_txt", "mpnet", {"tokenizer_class": "MPNetTokenizer", "do_lower_case": True,
                                                      **ROBERTA_TOKENS, "unk_token": "[UNK]", "mask_token": "<mask>"})
        vocabulary = tokenizer.get_vocab()
        (folder / "vocab.txt").write_text("".join(f"{t}\n" for t in sorted(vocabulary, key=vocabulary.get)),
                                          encoding="utf-8")

    # Unigram: XLM-RoBERTa's (bge-m3, multilingual-e5), T5's, with byte fallback

    def sentencepiece(self, size, **options):
        with tempfile.TemporaryDirectory() as folder:
            lines = Path(folder) / "text"
            with open(lines, "w", encoding="utf-8") as out:
                for text in self.texts:
                    out.write(text.replace("\n", " ")[:4000] + "\n")
            if self.size < 10000:
                # The whole map of nmt_nfkc would be most of the file.
                rules = Path(folder) / "rules.tsv"
                rules.write_text("".join(small_rules()))
                options = {"character_coverage": 0.98, "vocab_size": 1200, "normalization_rule_name": "user_defined",
                           "normalization_rule_tsv": str(rules), **options}
            arguments = dict(input=str(lines), model_prefix=f"{folder}/m", vocab_size=size, model_type="unigram",
                             character_coverage=0.9995, normalization_rule_name="nmt_nfkc", minloglevel=2,
                             hard_vocab_limit=False, num_threads=2, max_sentence_length=20000)
            sentencepiece.SentencePieceTrainer.train(**{**arguments, **options})
            return (Path(folder) / "m.model").read_bytes()

    def xlmr(self):
        content = self.sentencepiece(self.size - 2)
        folder = self.save_old("xlmr_spm", "xlm-roberta", {"tokenizer_class": "XLMRobertaTokenizer", **ROBERTA_TOKENS})
        (folder / "sentencepiece.bpe.model").write_bytes(content)
        proto = model_proto(content)
        pieces = [(p.piece, p.score) for p in proto.pieces]
        tokens = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)] + pieces[3:] + [("<mask>", 0.0)]
        charsmap = normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap)

        def build(normalizer, pre_tokenizer, byte_fallback=False, more=()):
            tokenizer = Tokenizer(models.Unigram(tokens + list(more), unk_id=3, byte_fallback=byte_fallback))
            tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, pre_tokenizer
            tokenizer.add_special_tokens(special("<s>", "<pad>", "</s>", "<unk>") + special("<mask>", lstrip=True))
            tokenizer.post_processor = self.around("<s>", "</s>", tokenizer)
            return tokenizer

        split, always = pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")
        # As transformers makes it today, as older files have it (bge-m3), as a T5-like model has it.
        self.save("xlmr", build(charsmap, pre_tokenizers.Sequence([split, always])))
        spaces = [charsmap, normalizers.Strip(left=False, right=True), normalizers.Replace(Regex(" {2,}"), "\u2581")]
        self.save("xlmr_old", build(normalizers.Sequence(spaces), always))
        self.save("t5", build(normalizers.Sequence([charsmap, normalizers.Replace(Regex(" {2,}"), " ")]),
                              pre_tokenizers.Metaspace(prepend_scheme="first")))
        self.save("unsplit", build(normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Strip()]),
                                   pre_tokenizers.Metaspace(prepend_scheme="first", split=False)))
        every = [(f"<0x{byte:02X}>", -20.0) for byte in range(256)]
        self.save("bytes", build(normalizers.NFKC(), pre_tokenizers.Sequence(
            [pre_tokenizers.Punctuation("merged_with_next"), always]), True, every))

    # Byte-level BPE: RoBERTa's and GPT-2's, ModernBERT's, Qwen3-Embedding's, Llama 3's

    def bytelevel(self, pre_tokenizer, normalizer=None, tokens=(), **options):
        tokenizer = Tokenizer(models.BPE(**options))
        tokenizer.pre_tokenizer = pre_tokenizer
        if normalizer:
            tokenizer.normalizer = normalizer
        trainer = trainers.BpeTrainer(vocab_size=self.size, special_tokens=list(tokens), show_progress=False,
                                      initial_alphabet=sorted(ByteLevel.alphabet()))
        tokenizer.train_from_iterator(self.texts, trainer)
        return tokenizer

    def roberta(self):
        tokens = special("<s>", "<pad>", "</s>", "<unk>") + special("<mask>", lstrip=True)
        tokenizer = self.bytelevel(ByteLevel(add_prefix_space=False), tokens=tokens)
        tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), True, False)
        self.save("roberta", tokenizer)
        folder = self.save_old("roberta_txt", "roberta", {"tokenizer_class": "RobertaTokenizer",
                                                          "add_prefix_space": False, **ROBERTA_TOKENS})
        tokenizer.model.save(str(folder))
        tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=True)
        self.save("roberta_spaced", tokenizer)

    def modernbert(self):
        tokens = [AddedToken(t, special=s, normalized=not s) for t, s in
                  (("|||IP_ADDRESS|||", False), ("<|padding|>", True))]
        tokenizer = self.bytelevel(ByteLevel(add_prefix_space=False), normalizers.NFC(), tokens[1:])
        tokenizer.add_tokens([AddedToken(" " * n, normalized=True) for n in range(24, 1, -1)] + tokens[:1])
        tokenizer.add_special_tokens(special("<|endoftext|>", "[UNK]", "[CLS]", "[SEP]", "[PAD]")
                                     + special("[MASK]", lstrip=True))
        tokenizer.post_processor = self.around("[CLS]", "[SEP]", tokenizer)
        self.save("modernbert", tokenizer)

    def qwen(self):
        def stages(*patterns):
            return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(p), "isolated") for p in patterns]
                                           + [ByteLevel(add_prefix_space=False, use_regex=False)])

        def build(pre_tokenizer, normalizer, **options):
            tokenizer = self.bytelevel(pre_tokenizer, normalizer, **options)
            tokenizer.add_special_tokens(special("<|endoftext|>", "<|im_start|>", "<|im_end|>"))
            tokenizer.add_tokens([AddedToken("<think>", normalized=False), AddedToken("</think>", normalized=False)])
            return tokenizer

        tokenizer = build(stages(QWEN), normalizers.NFC())
        end = tokenizer.token_to_id("<|endoftext|>")
        tokenizer.post_processor = processors.Sequence([
            processors.ByteLevel(trim_offsets=False, add_prefix_space=False, use_regex=False),
            processors.TemplateProcessing(single="$A <|endoftext|>", pair="$A <|endoftext|> $B:1 <|endoftext|>:1",
                                          special_tokens=[("<|endoftext|>", end)])])
        self.save("qwen", tokenizer, {"tokenizer_class": "Qwen2Tokenizer", "pad_token": "<|endoftext|>"})
        added = {str(tokenizer.token_to_id(t)): {"content": t, "lstrip": False, "rstrip": False, "normalized": False,
                                                 "single_word": False, "special": t.startswith("<|")}
                 for t in ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>")}
        folder = self.save_old("qwen_txt", "qwen2", {"tokenizer_class": "Qwen2Tokenizer", "unk_token": "<|endoftext|>",
                                                     "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>",
                                                     "added_tokens_decoder": added})
        tokenizer.model.save(str(folder))
        self.save("llama3", build(stages(LLAMA3), None, ignore_merges=True))
        self.save("regexes", build(stages(*OTHER), normalizers.NFKD()))

    # BPE on characters

    def characters(self):
        tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
        trainer = trainers.BpeTrainer(vocab_size=self.size, show_progress=False, limit_alphabet=self.size // 8,
                                      special_tokens=special("<unk>", "<s>", "</s>"), max_token_length=16)
        tokenizer.train_from_iterator((t[:2000] for t in self.texts), trainer)
        self.save("llama2", tokenizer)
        tokenizer = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
        tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(),
                                                     normalizers.Lowercase()])
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Digits(True)])
        tokenizer.train_from_iterator(self.texts, trainers.BpeTrainer(
            vocab_size=self.size, show_progress=False, limit_alphabet=self.size // 8,
            special_tokens=special("<unk>"), end_of_word_suffix="</w>"))
        self.save("clip", tokenizer)


def model_proto(content):
    from sentencepiece import sentencepiece_model_pb2
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(content)
    return proto


def main():
    kind, out = sys.argv[1:3]
    if kind == "large":
        texts = list(made_up(60000)) + list(dataset(sys.argv[3]))
        families = Families(out, texts, 32000)
    else:
        families = Families(out, list(made_up(3000)), 700)
    wanted = sys.argv[4:] if kind == "large" else sys.argv[3:]
    for name in ("bert", "mpnet", "xlmr", "roberta", "modernbert", "qwen", "characters"):
        if not wanted or name in wanted:
            print(name, flush=True)
            getattr(families, name)()


if __name__ == "__main__":
    main()
