#!/usr/bin/env python3
"""How well the classifier reads what people write: the figures of docs/classifier.md.

Reads every text of tests/classifier through `assent classify`, prints the confusion tables of the
held-out texts, and fails where a bound isn't held or the page says something else; --write brings
the page up to date. Verdicts may not change under the same version of the lists."""
import hashlib
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PAGE = ROOT / "docs" / "classifier.md"
BEGIN, END = "<!-- figures: tests/classifier/measure.py --write -->", "<!-- end of figures -->"
VERDICTS = ["opt_out", "review", "help", "opt_in", "none"]
LANGUAGES = {"en": "English", "es": "Spanish", "fr": "French", "xx": "other languages"}
TRUTHS = {"opt_out": "opt-outs", "ordinary": "ordinary", "review": "either way"}
MEASURED = ["en", "es", "fr"]
# What is asked of it: name, what is counted, of which texts, the bound, and whether it is the least.
BOUNDS = [
    ("opt-outs taken for one", ["opt_out"], "opt_out", 0.97, True),
    ("opt-outs taken for one, or held", ["opt_out", "review"], "opt_out", 0.99, True),
    ("ordinary texts taken for an opt-out", ["opt_out"], "ordinary", 0.002, False),
    ("ordinary texts held", ["review"], "ordinary", 0.05, False),
]


def assent(texts, *options):
    program = pathlib.Path(os.environ.get("BUILD", ROOT / "build")) / "assent"
    done = subprocess.run([program, "classify", *options], input="".join(text + "\n" for text in texts), text=True,
                          encoding="utf-8", capture_output=True, check=True)
    return [line.split("\t") for line in done.stdout.split("\n")[:-1]]


def read(folder):
    """{(language, truth): [text]}"""
    sets = {}
    for path in sorted((HERE / folder).glob("*.txt")):
        language, truth, _ = path.name.split(".")
        sets[language, truth] = path.read_text(encoding="utf-8").splitlines()
    return sets


def once_only(*folders):
    """The texts that stand more than once, blanks and case aside."""
    seen, twice = {}, []
    for sets in folders:
        for (language, truth), texts in sets.items():
            for text in texts:
                key = " ".join(text.split())
                if key in seen and seen[key] != (id(sets), truth):
                    twice.append(text)
                seen[key] = (id(sets), truth)
    return twice


def count(answers):
    counts = dict.fromkeys(VERDICTS, 0)
    for verdict, *_ in answers:
        counts[verdict] += 1
    return counts


def total(counts, truth, languages):
    sums = dict.fromkeys(VERDICTS, 0)
    for language in languages:
        for verdict, number in counts.get((language, truth), {}).items():
            sums[verdict] += number
    return sums


def table(counts):
    yield "| held-out texts | how many | " + " | ".join(VERDICTS) + " |"
    yield "|---|--:|" + "--:|" * len(VERDICTS)
    for language, name in LANGUAGES.items():
        for truth, words in TRUTHS.items():
            row = counts.get((language, truth))
            if row:
                cells = " | ".join(str(row[verdict]) for verdict in VERDICTS)
                yield f"| {name}: {words} | {sum(row.values())} | {cells} |"


def share(row, verdicts):
    return sum(row[verdict] for verdict in verdicts) / max(1, sum(row.values()))


def bounds(counts):
    """The lines of the table of bounds, and what isn't held."""
    lines = ["| share | " + " | ".join(LANGUAGES[one] for one in MEASURED) + " | all | bound |",
             "|---|" + "--:|" * (len(MEASURED) + 2)]
    broken = []
    for name, verdicts, truth, bound, is_least in BOUNDS:
        whole = share(total(counts, truth, MEASURED), verdicts)
        each = [f"{share(counts[one, truth], verdicts):.1%}" for one in MEASURED]
        sign = "≥" if is_least else "≤"
        lines.append(f"| {name} | {' | '.join(each)} | {whole:.2%} | {sign} {bound:.1%} |")
        if whole < bound if is_least else whole > bound:
            broken.append(f"{name}: {whole:.2%}, not {sign} {bound:.1%}")
    return lines, broken


def figures(sets, answers):
    counts = {key: count(answers[key]) for key in sets}
    lines, broken = bounds(counts)
    version, rows = assent([], "--lists")[0]
    verdicts = hashlib.sha256("".join("\t".join(line) + "\n" for key in sorted(answers)
                                      for line in answers[key]).encode()).hexdigest()
    text = [f"Lists {version}, their rows {rows[:16]}, the verdicts on the texts {verdicts[:16]}.", "",
            *lines, "", *table(counts)]
    return "\n".join(text) + "\n", broken


def parted(page):
    """What stands before the figures, the figures, and what stands behind them."""
    start, end = page.index(BEGIN) + len(BEGIN) + 1, page.index(END)
    return page[:start], page[start:end], page[end:]


def same_version(old, new):
    """Does the first line name the same version of the lists, with other verdicts?"""
    first, second = (re.match(r"Lists ([^,]+), (.*)", text.split("\n")[0]) for text in (old, new))
    return bool(first and first[1] == second[1] and first[2] != second[2])


def main():
    held_out, tuning = read("held-out"), read("tuning")
    failed = [f"in more than one place: {text}" for text in once_only(held_out, tuning)]
    answers = {key: assent(texts) for key, texts in held_out.items()}
    fresh, broken = figures(held_out, answers)
    print(fresh, end="")
    before, written, behind = parted(PAGE.read_text(encoding="utf-8"))
    if "--write" in sys.argv and same_version(written, fresh):
        failed.append("verdicts changed: a new KEYWORD_LISTS_VERSION first")
    elif "--write" in sys.argv:
        PAGE.write_text(before + fresh + behind, encoding="utf-8")
    elif written != fresh:
        failed.append("docs/classifier.md has other figures: tests/classifier/measure.py --write")
    for line in failed + broken:
        print("classifier: " + line, file=sys.stderr)
    return 1 if failed or broken else 0


sys.exit(main())
