#!/usr/bin/env python3
"""Golden values for core/text: what the `tokenizers` package makes of texts.

Usage: tokenizer.py ENCODER_FOLDER ML100K_FOLDER DATA_FOLDER
Writes data/tokenizer.json (ids and digests) and data/small_encoder/tokenizer.json (a synthetic vocabulary) beside this
script. Of real texts only counts and digests are written.
ENCODER_FOLDER holds all-MiniLM-L6-v2, ML100K_FOLDER holds ml-100k.item, DATA_FOLDER holds NAME/items.csv.
"""
import csv
import json
import platform
import sys
import unicodedata
from pathlib import Path

import tokenizers
from tokenizers import Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import WordPiece
from tokenizers.processors import TemplateProcessing

HERE = Path(__file__).parent / "data"
MASK64 = 2**64 - 1
FNV_PRIME = 0x100000001B3
END = 0xFFFFFFFF  # what a digest takes in behind every text
LONG = 1_000_000


class Digest:
    """FNV-1a over 64 bits, a 32-bit number at a time."""

    def __init__(self):
        self.state = 0xCBF29CE484222325

    def add(self, values):
        state = self.state
        for value in values:
            state = ((state ^ value) * FNV_PRIME) & MASK64
        self.state = ((state ^ END) * FNV_PRIME) & MASK64

    def text(self):
        return f"{self.state:016x}"


def mix64(x):
    x = (x + 0x9E3779B97F4A7C15) & MASK64
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK64
    return x ^ (x >> 31)


class Fuzz:
    """Random texts that C++ can make as well: number n is mix64(n)."""

    # (first, last) of scalars, picked with the same chance each
    RANGES = [(0x61, 0x7A), (0x41, 0x5A), (0x20, 0x7E), (0x00, 0x1F), (0x7F, 0xA1), (0xC0, 0x24F), (0x300, 0x36F),
              (0x370, 0x3FF), (0x591, 0x5C7), (0x8C8, 0x902), (0xE31, 0xE3A), (0x1D165, 0x1D172), (0x302A, 0x302F),
              (0x1AB0, 0x1ACE), (0x1DF0, 0x1DFF), (0xAC00, 0xD7A3), (0x1100, 0x1112), (0x1161, 0x1175),
              (0x4E00, 0x4E20), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F), (0x2000, 0x206F), (0x1F600, 0x1F64F),
              (0x1E00, 0x1EFF), (0xFB00, 0xFB4F), (0xE000, 0xE010), (0x11900, 0x11946), (0x1D15E, 0x1D164),
              (0x10FF0, 0x11070), (0x0000, 0xD7FF), (0xE000, 0x10FFFF)]
    PIECES = [" ", "  ", "the", "play", "ing", "un", "able", "naïve", "[MASK]", "[SEP]", "[mask]", "<a b>", "Éclair",
              "[", "]", "##", "İ", "Σ", "ß", "tok", "tokens", "tok tok", "\u3000", "\u0301", "\u0345", "\u0334"]

    def __init__(self, start=0):
        self.n = start

    def below(self, bound):
        self.n += 1
        return (mix64(self.n) >> 33) % bound

    def text(self):
        out = []
        for _ in range(self.below(24)):
            if self.below(3) == 0:
                out.append(self.PIECES[self.below(len(self.PIECES))])
            else:
                first, last = self.RANGES[self.below(len(self.RANGES))]
                out.append(chr(first + self.below(last - first + 1)))
        return "".join(out)


# Texts made for the places where tokenizers go wrong. Bytes stand for ill-formed UTF-8.
TORTURE = [
    "", " ", "\t\r\n \u00a0\u2003\u3000", "\x00", "\x7f\x80\x9f", "a", "A", ".", "Hello, world!",
    "The quick brown fox jumps over the lazy dog.", "don't stop-motion can't won't o'clock", "...---...!?!?",
    "snake_case camelCase kebab-case C++ C# .NET", "$5.00 100% #1 @home a&b (c) [d] {e} <f> ~g` ^h |i \\j /k = + *",
    "Toy Story (1995). Genres: Animation Children's Comedy",
    # accents, composed and not
    "café cafe\u0301 CAFÉ naïve Ångström A\u030angstro\u0308m", "résumé Zoë façade jalapeño", "Łódź Đorđe Ħamrun Øre",
    "e\u0301\u0302\u0303\u0304\u0305", "\u0301", "\u0301\u0301abc", "a\u0334\u0301\u0345b", "x\u0323\u0307 x\u0307\u0323",
    "Việt Nam Tiếng Việt ệ e\u0302\u0323", "\u1e69 s\u0323\u0307 s\u0307\u0323", "\u212b \u2126 \u212a \u00c5",
    "\u0344 \u0340\u0341\u0343 \u0958 \u0929", "α\u0345 ᾳ ᾼ ΐ", "\u1d15e\U0001d15f\U0001d160 \U0001d165\U0001d16d\U0001d165",
    "\u302e\u302a\u302f \u302f\u302e", "\U0001d16d\u0001\U0001d165 \U0001d16d\u0941\U0001d165",
    "\u1dfa\u1df9\u1df8\u1df7\u1df6 \u08d3\u08d4 \u07fd", "\u1885\u1886 \u1734 \ua9bd \u166d \U000111c9",
    # ideographs and their neighbours
    "中文测试", "北京大学 Beijing中文mixed", "\uf900\ufaff\U0002f800\U0002fa1d", "\u3400\u4dbf\u4dc0\u4e00\u9fff\ua000",
    "\U00020000\U0002a6df\U0002a6e0 \U0002b81f\U0002b820\U0002b91f\U0002b920 \U0002ceaf\U0002ceb0\U00030000",
    "日本語テスト ひらがな カタカナ ｶﾀｶﾅ が か\u3099", "々〆〇 ㈱ ㍿ 「引用」、。",
    "한국어 테스트 한글 \u1112\u1161\u11ab 가각 \uac00\u11a8", "전각ＡＢＣ１２３！",
    # other scripts
    "Привет, мир! Йод Ёлка й и\u0306", "ΑΒΓ ΣΑΣ ς σ ΟΔΥΣΣΕΥΣ Ὀδυσσεύς", "İstanbul ISPARTA ıĞğŞş i\u0307 I\u0307",
    "straße STRASSE ẞ ŉ ǰ", "ﬁ ﬂ ﬃ ﬄ ﬅ ﬆ ﬀ Æ æ Œ œ Ĳ ŀ ǆ ǅ Ǆ", "مرحبا بالعالم السَّلامُ عَلَيْكُمْ ٠١٢", "שָׁלוֹם עוֹלָם שׁ \ufb2a\ufb2c",
    "नमस्ते दुनिया क्षि ख़ ক্ষ తెలుగు", "สวัสดีชาวโลก น้ำ นํ้า", "ສະບາຍດີ ྲཱྀ \u0f73\u0f75\u0f81", "ᏣᎳᎩ ꭰꭱ Ꭰ ᏸ", "გამარჯობა ᲒᲐ Ⴀ ⴀ",
    "𐐀𐐨 𐓇𐓯 𞤀𞤢 𖹀𖹠 \U00010d50 \U00016ea0", "𝐇𝐞𝐥𝐥𝐨 𝕎𝕠𝕣𝕝𝕕 ℌ ℜ Ⅷ ⅷ Ⓐ ⓐ ² ½",
    # emoji and joiners
    "😀 👍🏽 👨‍👩‍👧‍👦 🏳️‍🌈 🇨🇿 ❤️ ☺︎ 1️⃣ #️⃣", "a\u200db a\u200cb a\u200bb a\u2060b a\ufeffb", "\ufe0f\ufe0e \U000e0100\U000e0061\U000e007f",
    # direction, controls, white space, not characters
    "\u202babc\u202c \u200e\u200f \u2066x\u2069 \u061c", "soft\u00adhyphen non\u2011breaking en–em—dash …",
    "a\u00a0b\u1680c\u2000d\u2028e\u2029f\u202fg\u205fh\u3000i", "a\x0bb\x0cc\x1cd\x85e\u180ef", "tab\tnew\nline\r\nend",
    "\ufffe \uffff \U0001fffe \U0010ffff \ufdd0 \ufffd", "\ue000\uf8ff \U000f0000 \U00100000", "\u0378 \u0530 \U000e0fff \u2fe0",
    "\u0890\u08e2 \U000110bd \U000110cd \U00013430 \U0001bca0", "¡Hola! ¿Qué tal? «guillemets» „quotes“ ‚x‘ § ¶ · • ‰ ′ ″ ※",
    "€ £ ¥ ₿ © ® ™ ° ± × ÷ ¬ ∞ ∑ √ ≠ ← → ★ ☃", "\u2e43\u2e52\u2e5d \u061d \u1b7d \U00010ead ՚ ׃ ؟ ۔ ॥ ๏ ༄ ᠀",
    # added tokens in the text
    "[MASK]", "a [MASK] b", "a[MASK]b", "[CLS] x [SEP] y [PAD] z [UNK]", "[mask] [Mask] [MASK [MASK]] MASK]", "[[MASK]]",
    "[MASK][MASK] [MASK]", "[MA\u0301SK] [MASK\u0301] [M\u200bASK]", "\u0301[MASK]\u0301 中[MASK]文", "##ing [ ] [] [C [CL [CLS",
    # long words
    "a" * 100, "a" * 101, "é" * 100, "e\u0301" * 101, "中" * 120, "x" * 5000, "ab" * 60 + " ok", "!" * 300, "한" * 40, "ﬃ" * 101,
    "pneumonoultramicroscopicsilicovolcanoconiosis antidisestablishmentarianism", "word " * 300, "qqqqqqqqqqzzzzzzzzzz",
    # ill-formed UTF-8
    b"\xff", b"a\x80b", b"ok \xc3\x28 no", b"\xe2\x82", b"\xe2\x28\xa1", b"\xf0\x9f\x98", b"\xf0\x9f\x98\x80 fine", b"\xc0\xaf \xe0\x80\xaf",
    b"\xed\xa0\x80\xed\xb0\x80", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"[MA\xffSK] \xff[MASK]\xff", b"caf\xe9 na\xefve",
    b"\xe4\xb8\xad\xe4\xb8 \xe4\xb8\xad", b"\xcc\x81\xcc \x81",
]


def small_vocabulary():
    """Special tokens, single characters of many scripts at the front and inside of words, and a few whole words."""
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    ascii_printing = [chr(c) for c in range(0x21, 0x7F) if not chr(c).isupper()]
    tokens += ascii_printing + ["##" + c for c in "abcdefghijklmnopqrstuvwxyz0123456789"]
    tokens += list("éßςσαβгійıłø中文北京測試¿«»…–—€©½☃😀") + ["##é", "##ß", "##ς", "##σ", "##α", "##ı", "##й", "##中"]
    tokens += ["\u1100", "\u1112", "##\u1161", "##\u11ab", "\u0001", "##\u0301", "\u0301", "\U0001d165", "##\U0001d165", "##\U0001d16d",
               "\U0001d158", "##\u302e", "##\u302f", "##\u1df8", "##\u0345", "\ufb01", "A", "T", "##E", "É", "[", "##]", "İ", "##\u200d"]
    tokens += ["the", "play", "##ing", "##ed", "un", "##able", "##abl", "able", "token", "##ize", "##izer", "tok", "story", "toy", "world",
               "hello", "he", "##llo", "naive", "cafe", "ecl", "##air", "genres", "##ok", "##en", "##ens", "i\u0307", "naïve", "Hello", "MASK"]
    return {token: i for i, token in enumerate(dict.fromkeys(tokens))}


def small_encoder():
    vocabulary = small_vocabulary()
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]",
                                                  special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])])
    # Sections that must not change what a text becomes.
    tokenizer.enable_padding(length=16, pad_id=0, pad_token="[PAD]")
    tokenizer.enable_truncation(12)
    return json.loads(tokenizer.to_str())


def added(content, token_id, **flags):
    return {"id": token_id, "content": content, "single_word": False, "lstrip": False, "rstrip": False,
            "normalized": False, "special": False, **flags}


def variants(small):
    """JSON merge patches of the small encoder that reach every option."""
    normalizer = small["normalizer"]
    specials = small["added_tokens"]
    n = len(small["model"]["vocab"])
    return {
        "plain": {},
        "cased": {"normalizer": {**normalizer, "lowercase": False}},
        "cased and stripped": {"normalizer": {**normalizer, "lowercase": False, "strip_accents": True}},
        "accents kept": {"normalizer": {**normalizer, "strip_accents": False}},
        "not cleaned": {"normalizer": {**normalizer, "clean_text": False, "handle_chinese_chars": False}},
        "no normalizer": {"normalizer": None},
        "short words": {"model": {"max_input_chars_per_word": 5}},
        "no special tokens": {"post_processor": None},
        "added": {"added_tokens": specials[:4] + [
            added("[MASK]", specials[4]["id"], special=True, lstrip=True),
            added("tok", small["model"]["vocab"]["tok"], single_word=True),
            added("tokens", n, normalized=True), added("Éclair", n + 1, normalized=True, rstrip=True),
            added("<a b>", n + 2, lstrip=True, rstrip=True), added("ing", n + 3, single_word=True, normalized=True),
            added("[", small["model"]["vocab"]["["]), added("中", small["model"]["vocab"]["中"], normalized=True),
            added("tok tok", n + 4)]},
    }


def loaded(definition):
    tokenizer = Tokenizer.from_str(json.dumps(definition))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def patched(definition, patch):
    out = dict(definition)
    for key, value in patch.items():
        if isinstance(value, dict) and isinstance(out.get(key), dict):
            out[key] = patched(out[key], value)
        elif value is None:
            out[key] = None
        else:
            out[key] = value
    return out


def decoded(text):
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text


def torture(tokenizer):
    return [tokenizer.encode(decoded(text)).ids for text in TORTURE]


def digest_of(tokenizer, texts):
    digest, count, tokens = Digest(), 0, 0
    batch = []

    def take():
        nonlocal count, tokens
        for encoding in tokenizer.encode_batch_fast(batch):
            digest.add(encoding.ids)
            tokens += len(encoding.ids)
        count += len(batch)
        batch.clear()

    for text in texts:
        batch.append(text)
        if len(batch) == 2000:
            take()
    take()
    return {"texts": count, "tokens": tokens, "digest": digest.text()}


def fuzz_texts(count):
    fuzz = Fuzz()
    return (fuzz.text() for _ in range(count))


def scalars():
    for c in range(0x110000):
        if not 0xD800 <= c < 0xE000:
            yield c


def scalar_texts():
    for c in scalars():
        yield chr(c)
        yield f"a{chr(c)}b"


def scalar_forms(options):
    """Digest of what a normalizer makes of every scalar, alone and between letters, and of the words that follow."""
    normalize = normalizers.BertNormalizer(**options).normalize_str
    split = pre_tokenizers.BertPreTokenizer().pre_tokenize_str
    digest = Digest()
    for text in scalar_texts():
        normal = normalize(text)
        digest.add(map(ord, normal))
        for word, _ in split(normal):
            digest.add(map(ord, word))
    return digest.text()


def mark_orders():
    """Marks that outlive the normalizer, and the digest of how it orders every two of them behind a letter."""
    normalize = normalizers.BertNormalizer().normalize_str
    marks = [c for c in scalars() if unicodedata.combining(chr(c)) and normalize(chr(c))]
    digest = Digest()
    for first in marks:
        for second in marks:
            digest.add(map(ord, normalize(f"a{chr(first)}{chr(second)}")))
    return {"marks": marks, "digest": digest.text()}


def ml100k_texts(folder):
    with open(Path(folder) / "ml-100k.item", encoding="utf-8", newline="") as lines:
        next(lines)
        for line in lines:
            _, title, year, genres = line.rstrip("\n").split("\t")
            yield f"{title} ({year}). Genres: {genres}"


def csv_texts(file):
    with open(file, encoding="utf-8", newline="") as lines:
        for row in csv.reader(lines):
            yield from row


def main():
    encoder, ml100k, data = map(Path, sys.argv[1:4])
    small = small_encoder()
    (HERE / "small_encoder").mkdir(parents=True, exist_ok=True)
    (HERE / "small_encoder/tokenizer.json").write_text(json.dumps(small, ensure_ascii=True, indent=1) + "\n")
    mini = loaded(json.loads((encoder / "tokenizer.json").read_text(encoding="utf-8")))
    base = loaded(small)
    golden = {
        "versions": {"tokenizers": tokenizers.__version__, "python": platform.python_version(),
                     "unicodedata": unicodedata.unidata_version},
        "texts": [{"hex": text.hex()} if isinstance(text, bytes) else {"text": text} for text in TORTURE],
        "minilm": torture(mini),
        "small": torture(base),
    }
    golden["truncated"] = {}
    for most in (2, 3, 7, 16, 128):
        for name, tokenizer in (("minilm", mini), ("small", base)):
            tokenizer.enable_truncation(most)
            digest = Digest()
            for ids in torture(tokenizer):
                digest.add(ids)
            golden["truncated"].setdefault(name, {})[str(most)] = digest.text()
            tokenizer.no_truncation()
    golden["fuzz"] = {"ranges": Fuzz.RANGES, "pieces": Fuzz.PIECES, "minilm": digest_of(mini, fuzz_texts(20000)),
                      "variants": []}
    for name, patch in variants(small).items():
        result = digest_of(loaded(patched(small, patch)), fuzz_texts(20000))
        golden["fuzz"]["variants"].append({"name": name, "patch": patch, **result})
    flags = ("clean_text", "handle_chinese_chars", "strip_accents", "lowercase")
    golden["scalars"] = {"minilm": digest_of(mini, scalar_texts()), "forms": []}
    for values in ((True, True, None, True), (True, True, None, False), (False, False, True, False),
                   (False, False, False, True), (True, False, False, False)):
        options = dict(zip(flags, values))
        golden["scalars"]["forms"].append({"options": options, "digest": scalar_forms(options)})
    golden["orders"] = mark_orders()
    golden["datasets"] = {"ml-100k": digest_of(mini, ml100k_texts(ml100k))}
    for file in sorted(data.glob("*/items.csv")):
        golden["datasets"][file.parent.name] = digest_of(mini, csv_texts(file))
    (HERE / "tokenizer.json").write_text(json.dumps(golden, ensure_ascii=True, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
