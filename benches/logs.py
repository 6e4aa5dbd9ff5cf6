#!/usr/bin/env python3
"""How well and how fast log lines are grouped, beside Drain3 (`pip install drain3`).

    benches/logs.py BENCH --sets FOLDER        grouping accuracy on labelled logs: any `*_structured.csv`
                                               below FOLDER with the columns Content and EventId, as loghub
                                               has them (https://github.com/logpai/loghub; no part of this
                                               repository), and the `.log` beside it for whole lines
    benches/logs.py GIT-FEEDBACK --speed LOG   CPU time of `git feedback import LOG` and of Drain3 with
                                               masks of the same kinds

BENCH is what `cargo bench --no-run --bench logs` builds. Grouping accuracy is the share of lines whose
group holds exactly the lines of its label (Zhu et al., ICSE-SEIP 2019, arXiv 1811.03509).
"""
import argparse, collections, csv, pathlib, resource, subprocess, sys, tempfile, time


def accuracy(labels, groups):
    by_label, by_group = collections.defaultdict(set), collections.defaultdict(set)
    for at, (label, group) in enumerate(zip(labels, groups)):
        by_label[label].add(at)
        by_group[group].add(at)
    truth = {frozenset(lines) for lines in by_label.values()}
    return sum(len(lines) for lines in by_group.values() if frozenset(lines) in truth) / len(labels)


def drain(lines, masks=()):
    from drain3 import TemplateMiner
    from drain3.masking import MaskingInstruction
    from drain3.template_miner_config import TemplateMinerConfig
    config = TemplateMinerConfig()
    config.masking_instructions = [MaskingInstruction(pattern, name) for pattern, name in masks]
    miner = TemplateMiner(config=config)
    start = time.process_time()
    groups = [miner.add_log_message(line)["cluster_id"] for line in lines]
    return groups, time.process_time() - start


MASKS = (
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?", "TIME"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "UUID"),
    (r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b", "IP"),
    (r"\b[\w.+-]+@[\w-]+\.[\w.]+\b", "MAIL"),
    (r"\b\w+://\S+", "URL"),
    (r"(?:/[\w.-]+)+/?", "PATH"),
    (r"\b0x[0-9a-fA-F]+\b|\b(?=\w*\d)[0-9a-fA-F]{8,}\b", "HEX"),
    (r"\"[^\"]*\"|'[^']*'", "QUOTED"),
    (r"\b\w*\d\w*\b", "NUM"),
)


def sets(bench, folder):
    total, count = collections.Counter(), 0
    print(f"{'set':14} {'masks':>6} {'mined':>6} {'lines':>6} {'drain3':>6}")
    for path in sorted(pathlib.Path(folder).rglob("*_structured.csv")):
        rows = list(csv.DictReader(path.open(newline="", errors="replace")))
        labels, contents = [row["EventId"] for row in rows], [row["Content"] for row in rows]
        scores = {}
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write("".join(content.replace("\n", " ") + "\n" for content in contents))
            file.flush()
            scores["masks"], scores["mined"] = grouped(bench, file.name, "messages", labels)
        log = path.with_name(path.name.replace("_structured.csv", ""))
        whole = log.exists() and grouped(bench, log, "lines", labels)
        scores["lines"] = whole[1] if whole else float("nan")
        scores["drain3"] = accuracy(labels, drain(contents)[0])
        print(f"{path.name.split('_')[0]:14} " + " ".join(f"{score:6.3f}" for score in scores.values()))
        total.update(scores)
        count += 1
    if count == 0:
        sys.exit(f"no *_structured.csv below {folder}")
    print(f"{'mean':14} " + " ".join(f"{score / count:6.3f}" for score in total.values()))


def grouped(bench, file, kind, labels):
    ran = subprocess.run([bench, str(file), kind], check=True, capture_output=True, text=True)
    pairs = [line.split() for line in ran.stdout.splitlines()]
    if len(pairs) != len(labels):
        sys.exit(f"{file}: {len(pairs)} lines for {len(labels)} labels")
    return accuracy(labels, [pair[0] for pair in pairs]), accuracy(labels, [pair[1] for pair in pairs])


def speed(program, log):
    with tempfile.TemporaryDirectory() as folder:
        for args in (["init", "-q"], ["-c", "user.name=b", "-c", "user.email=b@b.invalid", "commit", "-q", "--allow-empty", "-m", "b"]):
            subprocess.run(["git", *args], cwd=folder, check=True)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        args = [program, "import", str(pathlib.Path(log).resolve()), "--min-severity", "debug"]
        subprocess.run(args, cwd=folder, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    lines = pathlib.Path(log).read_text(errors="replace").splitlines()
    _, other = drain(lines, MASKS)
    print(f"{len(lines)} lines: import {own:.2f} s, Drain3 {other:.2f} s: {other / own:.1f} times")


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("program")
parser.add_argument("--sets")
parser.add_argument("--speed")
given = parser.parse_args()
if given.sets:
    sets(given.program, given.sets)
if given.speed:
    speed(given.program, given.speed)
