#!/usr/bin/env python3
"""Where the `tokenizers` package sees Unicode otherwise than ICU does, found over every Unicode scalar value.

Usage: unicode_exceptions.py > core/text/unicode_exceptions.inc
Needs the tokenizers package and a shared ICU library (libicuuc) with Unicode 15.0 or later.

The package mixes tables of several Unicode versions: categories, canonical decomposition, lower case and \\w each have
one. core/text/unicode.cpp asks ICU and ignores what is younger than the table's version; what is still different is
listed in the output.
"""
import ctypes
import glob
import re
import sys

import tokenizers
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

CATEGORY_AGE = (8, 0)
DECOMPOSITION_AGE = (9, 0)
RECENT_AGE = (15, 0)  # lower case and \w: younger than this ICU's data, so cut where every ICU that we meet agrees


class Icu:
    def __init__(self):
        found = sorted(glob.glob("/usr/lib/*/libicuuc.so.[0-9][0-9]"))
        self.lib = ctypes.CDLL(found[-1])
        self.version = int(re.search(r"\.(\d+)$", found[-1]).group(1))
        c, i8, u8 = ctypes.c_int32, ctypes.c_int8, ctypes.c_uint8
        self.type = self.function("u_charType", i8, c)
        self.white = self.function("u_isUWhiteSpace", i8, c)
        self.lower = self.function("u_tolower", c, c)
        self.has = self.function("u_hasBinaryProperty", i8, c, ctypes.c_int)
        self._age = self.function("u_charAge", None, c, ctypes.c_char * 4)
        self._class = self.function("unorm2_getCombiningClass", u8, ctypes.c_void_p, c)
        self._decompose = self.function("unorm2_getDecomposition", c, ctypes.c_void_p, c, ctypes.c_void_p, c,
                                        ctypes.POINTER(ctypes.c_int))
        self.error = ctypes.c_int(0)
        self.nfd = self.function("unorm2_getNFDInstance", ctypes.c_void_p,
                                 ctypes.POINTER(ctypes.c_int))(ctypes.byref(self.error))
        self.buffer = ctypes.create_string_buffer(256)
        self.bytes = (ctypes.c_char * 4)()

    def function(self, name, result, *arguments):
        function = getattr(self.lib, f"{name}_{self.version}")
        function.restype, function.argtypes = result, list(arguments)
        return function

    def age(self, c):
        self._age(c, self.bytes)
        return tuple(self.bytes.raw[:2])

    def unicode(self):
        self.function("u_getUnicodeVersion", None, ctypes.c_char * 4)(self.bytes)
        return tuple(self.bytes.raw[:2])

    def decomposition(self, c):
        n = self._decompose(self.nfd, c, self.buffer, 100, ctypes.byref(self.error))
        return None if n < 0 else self.buffer.raw[:2 * n].decode("utf-16-le")

    def combining_class(self, c):
        return self._class(self.nfd, c)

    def value(self, c, property):
        return self.function("u_getIntPropertyValue", ctypes.c_int32, ctypes.c_int32, ctypes.c_int)(c, property)


NAMES = "Cn Lu Ll Lt Lm Lo Mn Me Mc Nd Nl No Zs Zl Zp Cc Cf Co Cs Pd Ps Pe Pc Po Sm Sc Sk So Pi Pf".split()
UCHAR_ALPHABETIC = 0
icu = Icu()


def bert(**on):
    flags = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return normalizers.BertNormalizer(**{**flags, **on}).normalize_str


clean, chinese, strip, lower = (bert(**{k: True}) for k in
                                ("clean_text", "handle_chinese_chars", "strip_accents", "lowercase"))
nfd = normalizers.NFD().normalize_str
split = pre_tokenizers.BertPreTokenizer().pre_tokenize_str


def library_category(c, s):
    """The one of the three sets that the library's tables put a character into. Decomposed characters are never asked
    whether they are marks."""
    around = f"a{s}b"
    kinds = []
    if c != 0xFFFD and clean(around) == "ab":
        kinds.append("Control")
    if nfd(s) == s and strip(s) == "":
        kinds.append("Mark")
    if c >= 128 and len(split(around)) == 3:
        kinds.append("Punctuation")
    assert len(kinds) < 2, (hex(c), kinds)
    return kinds[0] if kinds else "None"


def icu_category(c, name, age):
    if age > CATEGORY_AGE or c in (9, 10, 13):
        return "None"
    if name in ("Cc", "Cf", "Co"):
        return "Control"
    if name == "Mn" and icu.decomposition(c) is None:
        return "Mark"
    return "Punctuation" if name[0] == "P" and c >= 128 else "None"


def library_words(scalars):
    """What \\w matches: an added token that must stand alone is not found next to a word's character."""
    tokenizer = Tokenizer(models.WordLevel({"u": 0}, unk_token="u"))
    tokenizer.add_tokens([AddedToken("|", single_word=True, normalized=False)])
    found = set()
    for begin in range(0, len(scalars), 65536):
        part = scalars[begin:begin + 65536]
        for c, encoding in zip(part, tokenizer.encode_batch([chr(c) + "|" for c in part])):
            if 1 not in encoding.ids:
                found.add(c)
    return found


def icu_word(c, name, age):
    return age <= RECENT_AGE and (bool(icu.has(c, UCHAR_ALPHABETIC)) or name[0] == "M" or name in ("Nd", "Pc")
                                  or c in (0x200C, 0x200D))


def check_classes(scalars):
    """Combining classes are not to be seen directly: compares by how marks are put in order."""
    ladder = {}
    for c in scalars:
        k = icu.combining_class(c)
        if k and icu.decomposition(c) is None and icu.age(c) <= (4, 0):
            ladder.setdefault(k, chr(c))
    for c in scalars:
        if icu.decomposition(c) is not None:
            continue
        s = chr(c)
        expected = icu.combining_class(c) if icu.age(c) <= DECOMPOSITION_AGE else 0
        if expected == 0:
            steps = {1: ladder[1], 240: ladder[240]}
        else:
            steps = ladder
        for k, other in steps.items():
            ordered = nfd("a" + other + s), nfd("a" + s + other)
            first = ("a" + s + other if expected and expected < k else "a" + other + s,
                     "a" + other + s if expected and expected > k else "a" + s + other)
            assert ordered == first, (hex(c), expected, k)


def ranges(pairs):
    """(c, value) ascending → (first, last, value) of neighbours with one value."""
    out = []
    for c, value in pairs:
        if out and out[-1][1] == c - 1 and out[-1][2] == value:
            out[-1][1] = c
        else:
            out.append([c, c, value])
    return out


def main():
    assert icu.unicode() >= RECENT_AGE, icu.unicode()
    scalars = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
    words = library_words(scalars)
    categories, lowers, word_pairs, cjk = [], [], [], []
    for c in scalars:
        s, name, age = chr(c), NAMES[icu.type(c)], icu.age(c)
        got = library_category(c, s)
        if got != icu_category(c, name, age):
            categories.append((c, got))
        white = len(split(f"a{s}b")) == 2
        assert white == bool(icu.white(c)), hex(c)
        assert (clean(f"a{s}b") == "a b") == (white and (got != "Control")), hex(c)
        if chinese(s) == f" {s} ":
            cjk.append((c, None))
        else:
            assert chinese(s) == s
        expected = (icu.decomposition(c) or s) if age <= DECOMPOSITION_AGE else s
        assert nfd(s) == expected, hex(c)
        low = lower(s)
        if age == (0, 0) or age > RECENT_AGE:
            if low != s:
                lowers.append((c, ord(low) - c))
        else:
            assert low == ("i\u0307" if c == 0x130 else chr(icu.lower(c))), hex(c)
        if (c in words) != icu_word(c, name, age):
            word_pairs.append((c, c in words))
    check_classes(scalars)

    print("// Made by tests/golden/unicode_exceptions.py; not to be edited.")
    print(f"// tokenizers {tokenizers.__version__} against ICU {icu.version} (Unicode {'.'.join(map(str, icu.unicode()))}),"
          f" Python {sys.version.split()[0]}.")

    def table(kind, name, comment, rows):
        print(f"\n// {comment}\ninline constexpr {kind} {name}[] = {{")
        for row in rows:
            print(f"    {{{row}}},")
        print("};")

    def version(name, value):
        print(f"inline constexpr std::uint8_t {name}[2] = {{{value[0]}, {value[1]}}};")

    print("\n// The Unicode version behind each table; what is younger counts as unassigned.")
    version("categoryAge", CATEGORY_AGE)
    version("decompositionAge", DECOMPOSITION_AGE)
    version("recentAge", RECENT_AGE)
    table("CategoryRange", "categoryExceptions", "Categories that have changed since, and quirks.",
          [f"0x{a:04X}, 0x{b:04X}, Category::{v}" for a, b, v in ranges(categories)])
    table("DeltaRange", "lowerExceptions", "Lower case younger than recentAge: what to add to the code point.",
          [f"0x{a:04X}, 0x{b:04X}, {v}" for a, b, v in ranges(lowers)])
    table("WordRange", "wordExceptions", "What \\w matches and ICU's data up to recentAge does not, or the other way.",
          [f"0x{a:04X}, 0x{b:04X}, {'true' if v else 'false'}" for a, b, v in ranges(word_pairs)])
    table("ScalarRange", "chineseRanges", "The ideographs that stand alone.",
          [f"0x{a:04X}, 0x{b:04X}" for a, b, _ in ranges(cjk)])


if __name__ == "__main__":
    main()
