#!/usr/bin/env python3
"""Properties of characters that the `tokenizers` package uses beyond BERT's, found over every Unicode scalar value.

Usage: unicode_properties.py > core/text/unicode_properties.inc
Needs the tokenizers package and a shared ICU library (libicuuc) with Unicode 15.0 or later; reads unicode_exceptions.py.

Grapheme clusters cannot be asked for. What shows them is the normalizer Precompiled: a cluster of less than six bytes is
looked up as a whole, by the shortest key at its front, a longer one character by character. With a map of every
character to "X" the number of X's tells where clusters end.
"""
import struct
import sys

import tokenizers
from tokenizers import Regex, normalizers, pre_tokenizers

from unicode_exceptions import NAMES, RECENT_AGE, icu, ranges

MARK_AGE = (9, 0)  # the table behind StripAccents
GRAPHEME_BREAK, EXTENDED_PICTOGRAPHIC = 0x1012, 64
KINDS = ("Other Control CR Extend L LF LV LVT T V SpacingMark Prepend "
         "RegionalIndicator EBase EBaseGaz EModifier GlueAfterZwj ZWJ").split()
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def all_to_x():
    """A charsmap (sentencepiece's: the size of a double array, the array, the texts) that maps every character to X.
    Blocks of 256 units; one for the bytes after the leads of each length, so that the array stays small."""
    root, last, last2, last3, leaf = (256 * i for i in range(5))
    array = [0] * (5 * 256)

    def put(block, byte, target, is_leaf=False):
        at = block + byte
        array[at] = byte | (at ^ target) << 10 | (256 if is_leaf else 0)

    array[0] = root << 10
    for byte in range(1, 0x80):
        put(root, byte, leaf, True)
    for byte in range(0xC2, 0xF5):
        put(root, byte, last if byte < 0xE0 else last2 if byte < 0xF0 else last3)
    for byte in range(0x80, 0xC0):
        put(last, byte, leaf, True)
        put(last2, byte, last)
        put(last3, byte, last2)
    return struct.pack(f"<{len(array) + 1}I", 4 * len(array), *array) + b"X\0"


def cluster_properties():
    """Grapheme_Cluster_Break, Extended_Pictographic and Indic_Conjunct_Break of every scalar, as far as they show."""
    apply = normalizers.Precompiled(all_to_x()).normalize_str
    acute, zwj, sign, virama, ka = "\u0301", "\u200d", "\u00a9", "\u094d", "\u0915"
    lead, vowel, tail = "\u1100", "\u1160", "\u11a8"

    def xs(text):
        return apply(text).count("X")

    def kind(s):
        if xs("a" + s) == 1:
            return "Extend" if xs(sign + s + zwj + sign + acute) == 5 else "SpacingMark"
        if xs(s + "a") == 1:
            return "Prepend"
        if xs(s + acute + "\u0302") == 2:
            return "Control"
        if len(s.encode()) < 4:
            if xs(vowel + s + acute) == 3:
                return "V" if xs(lead + s + acute) == 3 else "T"
        elif xs(vowel + s + tail + acute) == 4:
            return "V"  # no others of four bytes
        if xs(s + lead + acute) == 3:
            return "L"
        if xs(s + vowel + acute) == 3:
            return "LV"
        if xs(s + tail + acute) == 3:
            return "LVT"
        return "Other"

    kinds, pictures, conjuncts = {}, [], []
    for c in SCALARS:
        s = chr(c)
        if c in (0, 10, 13, 0x200D) or 0x1F1E6 <= c <= 0x1F1FF:
            kinds[c] = icu_kind(c)  # stable, and their clusters are rules of their own
            continue
        k = kinds[c] = kind(s)
        if k == "Other" and xs(sign + zwj + s + acute) == 4:
            pictures.append((c, None))
        conjunct = "None"
        if k == "Other" and xs(s + virama + ka + acute) == 4:
            conjunct = "Consonant"
        elif k in ("Extend", "SpacingMark"):
            if xs(ka + s + ka + acute) == 4:
                conjunct = "Linker"
            elif xs(ka + virama + s + ka + acute) == 5:
                conjunct = "Extend"
        if conjunct != ("Extend" if k == "Extend" else "None"):
            conjuncts.append((c, conjunct))
    return kinds, pictures, conjuncts


def icu_kind(c):
    kind = KINDS[icu.value(c, GRAPHEME_BREAK)]
    return "Other" if kind in ("EBase", "EBaseGaz", "EModifier", "GlueAfterZwj") else kind


def matched(members):
    """The scalars of a set of a regular expression, as the package's engine has it."""
    keep = normalizers.Replace(Regex(f"[^{members}]"), "").normalize_str
    return {ord(s) for s in keep(EVERYTHING)}


def categories():
    found = {}
    for name in NAMES:
        if name not in ("Cs", "Cn"):
            found.update(dict.fromkeys(matched(f"\\p{{{name}}}"), name))
    return found


def numbers():
    pieces = pre_tokenizers.Digits(individual_digits=True).pre_tokenize_str("a" + "a".join(EVERYTHING))
    return {ord(piece) for piece, _ in pieces if len(piece) == 1 and piece != "a"}


def stand_in(scalar, name):
    """A character of the category that takes as many UTF-16 units, so that positions stay; see core/text/pattern.cpp."""
    wide = scalar > 0xFFFF
    for c in range(0x10000 if wide else 0xA0, 0x110000 if wide else 0xD800):
        if STAND_INS.get((wide, name)):
            break
        if NAMES[icu.type(c)] == name and CATEGORIES.get(c, "Cn") == name:
            STAND_INS[wide, name] = c
    return STAND_INS[wide, name]


def table(kind, name, comment, rows):
    print(f"\n// {comment}\ninline constexpr {kind} {name}[] = {{")
    for i in range(0, len(rows), 3):
        print("    " + " ".join(f"{{{row}}}," for row in rows[i:i + 3]))
    print("};")


def main():
    removed = set(SCALARS) - set(map(ord, normalizers.StripAccents().normalize_str(EVERYTHING)))
    digits = numbers()
    kinds, pictures, conjuncts = cluster_properties()
    marks, numeric, engine, breaks = [], [], [], []
    for c in SCALARS:
        name, age = NAMES[icu.type(c)], icu.age(c)
        if (c in removed) != (name[0] == "M" and age <= MARK_AGE):
            marks.append((c, c in removed))
        if (c in digits) != (name[0] == "N" and age <= RECENT_AGE):
            numeric.append((c, c in digits))
        if CATEGORIES.get(c, "Cn") != (name if age <= RECENT_AGE else "Cn"):
            engine.append((c, stand_in(c, CATEGORIES.get(c, "Cn"))))
        if kinds[c] != (icu_kind(c) if age <= RECENT_AGE else "Other"):
            breaks.append((c, kinds[c]))
    for members, expected in (("\\s", lambda c: bool(icu.white(c))),):
        assert matched(members) == {c for c in SCALARS if expected(c)}, members

    print("// Made by tests/golden/unicode_properties.py; not to be edited.")
    print(f"// tokenizers {tokenizers.__version__} against ICU {icu.version} (Unicode {'.'.join(map(str, icu.unicode()))}),"
          f" Python {sys.version.split()[0]}.")
    print()
    for name, age in (("markAge", MARK_AGE), ("recentAge", RECENT_AGE)):
        print(f"inline constexpr std::uint8_t {name}[2] = {{{age[0]}, {age[1]}}};")

    def hexes(pairs, value=str):
        return [f"0x{a:04X}, 0x{b:04X}, {value(v)}" for a, b, v in ranges(pairs)]

    yes = {True: "true", False: "false"}.get
    table("WordRange", "markExceptions", "Marks (M*) that StripAccents does not take off, or the other way.",
          hexes(marks, yes))
    table("WordRange", "numberExceptions", "Numbers (N*) after recentAge, or the other way.", hexes(numeric, yes))
    table("StandIn", "standIns", "What patterns see otherwise than ICU, and a character to put in its place.",
          hexes(engine, lambda v: f"0x{v:04X}"))
    table("BreakRange", "breakExceptions", "Grapheme_Cluster_Break younger than recentAge, or other than ICU's.",
          hexes(breaks, lambda v: f"Break::{v}"))
    table("ScalarRange", "pictographRanges", "Extended_Pictographic.",
          [f"0x{a:04X}, 0x{b:04X}" for a, b, _ in ranges(pictures)])
    table("ConjunctRange", "conjunctRanges", "Indic_Conjunct_Break where it is not Extend for those of Grapheme_Cluster_Break=Extend.", hexes(conjuncts, lambda v: f"Conjunct::{v}"))


EVERYTHING = "".join(map(chr, SCALARS))
CATEGORIES = categories()
STAND_INS = {}
main()
