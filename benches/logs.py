#!/usr/bin/env python3
"""How well and how fast log lines are grouped, beside Drain3 (`pip install drain3`).

    benches/logs.py BENCH --sets FOLDER        grouping accuracy on labelled logs: any `*.csv` below FOLDER
                                               with the columns Content and EventId, as loghub has them
                                               (https://github.com/logpai/loghub; no part of this repository);
                                               whole lines from a column Line, or from the log beside
                                               `NAME.log_structured.csv`
    benches/logs.py GIT-FEEDBACK --speed LOG   CPU time of `git feedback import LOG` and of Drain3 with
                                               masks of the same kinds, for each line
    benches/logs.py GIT-FEEDBACK --made MB     the same on a made log of that size

BENCH is what `cargo bench --no-run --bench logs` builds. Grouping accuracy is the share of lines whose
group holds exactly the lines of its label (Zhu et al., ICSE-SEIP 2019, arXiv 1811.03509).
"""
import argparse, collections, csv, datetime, itertools, pathlib, random, re, resource, subprocess, sys, tempfile, time, uuid

# Drain3 is asked about no more lines than this; it takes as long for each of them.
MOST_FOR_DRAIN = 100_000


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
    names = ["masks", "mined", "drain3", "masks, lines", "mined, lines", "drain3, lines"]
    print(f"{'set':14} " + " ".join(f"{name:>13}" for name in names))
    for path in sorted(pathlib.Path(folder).rglob("*.csv")):
        rows = list(csv.DictReader(path.open(newline="", errors="replace")))
        if not rows or not {"Content", "EventId"} <= rows[0].keys():
            continue
        labels = [row["EventId"] for row in rows]
        scores = scored(bench, "messages", [row["Content"] for row in rows], labels)
        scores += scored(bench, "lines", whole_lines(path, rows), labels)
        print(f"{path.name.split('.')[0].split('_')[0]:14} " + " ".join(f"{score:13.3f}" for score in scores))
        total.update(dict(zip(names, scores)))
        count += 1
    if count == 0:
        sys.exit(f"no *.csv with the columns Content and EventId below {folder}")
    print(f"{'mean':14} " + " ".join(f"{total[name] / count:13.3f}" for name in names))


def whole_lines(path, rows):
    log = path.with_name(path.name.replace("_structured.csv", ""))
    if "Line" in rows[0]:
        return [row["Line"] for row in rows]
    return log.read_text(errors="replace").splitlines() if log != path and log.exists() else None


def scored(bench, kind, lines, labels):
    """By masks, by masks and mining, by Drain3 with its defaults."""
    if lines is None:
        return [float("nan")] * 3
    lines = [line.replace("\n", " ").replace("\r", " ") for line in lines]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("".join(line + "\n" for line in lines))
        file.flush()
        return [*grouped(bench, file.name, kind, labels), accuracy(labels, drain(lines)[0])]


def grouped(bench, file, kind, labels):
    ran = subprocess.run([bench, str(file), kind], check=True, capture_output=True, text=True)
    pairs = [line.split() for line in ran.stdout.splitlines()]
    if len(pairs) != len(labels):
        sys.exit(f"{file}: {len(pairs)} lines for {len(labels)} labels")
    return accuracy(labels, [pair[0] for pair in pairs]), accuracy(labels, [pair[1] for pair in pairs])


STATEMENTS = (
    ("INFO", "shop::http", "GET /v1/{word}/{n}?page={n} answered 200 in {n} ms"),
    ("INFO", "shop::http", "connection from {ip} closed after {n} requests"),
    ("DEBUG", "shop::cart", "cart {uuid} of user {user} holds {n} rows, {f} in all"),
    ("DEBUG", "shop::pool", "worker {n} takes job={hex} queue={word} waited={f}s"),
    ("INFO", "shop::store", "wrote {n} bytes to /srv/shop/{word}/{n}.dat"),
    ("WARN", "shop::store", "flush of segment {n} took {f} s, more than {n} ms"),
    ("WARN", "shop::pay", "retry {n} of payment {uuid}: peer {ip}:{n} is slow"),
    ("ERROR", "shop::pay", "payment {uuid} refused by {word}.example.org: code={n}"),
    ("ERROR", "shop::mail", "cannot send to {user}@example.org: timed out after {n} s"),
    ("INFO", "shop::auth", "session {hex} opened for user {user} from {ip}"),
    ("INFO", "shop::auth", "session {hex} closed for user {user}"),
    ("ERROR", "shop::store", "lost {n} rows of table {word}: [{n}, {n}, {n}]"),
)


def made(path, size):
    """A log of a service, the same each time."""
    dice = random.Random(7)
    words = ["orders", "carts", "users", "prices", "stock", "images", "reports", "events"]
    slots = {
        "n": lambda: str(dice.randrange(90_000)),
        "f": lambda: f"{dice.random() * 100:.3f}",
        "ip": lambda: f"10.{dice.randrange(250)}.{dice.randrange(250)}.{dice.randrange(250)}",
        "hex": lambda: f"{dice.getrandbits(48):#x}",
        "uuid": lambda: str(uuid.UUID(int=dice.getrandbits(128))),
        "user": lambda: dice.choice(["mara", "jon", "ana", "pavel", "deploy", "root"]) + str(dice.randrange(99)),
        "word": lambda: dice.choice(words),
    }
    written, number = 0, 0
    with open(path, "w") as file:
        while written < size:
            level, module, said = STATEMENTS[min(int(dice.expovariate(0.35)), len(STATEMENTS) - 1)]
            said = re.sub(r"\{(\w+)\}", lambda slot: slots[slot[1]](), said)
            time = datetime.datetime(2026, 11, 20) + datetime.timedelta(milliseconds=number * 40)
            written += file.write(f"{time.isoformat(timespec='milliseconds')}Z {level:5} {module}: {said}\n")
            number += 1


def speed(program, log):
    with tempfile.TemporaryDirectory() as folder:
        for args in (["init", "-q"], ["-c", "user.name=b", "-c", "user.email=b@b.invalid", "commit", "-q", "--allow-empty", "-m", "b"]):
            subprocess.run(["git", *args], cwd=folder, check=True)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        args = [pathlib.Path(program).resolve(), "import", pathlib.Path(log).resolve(), "--min-severity", "debug"]
        subprocess.run(args, cwd=folder, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with open(log, errors="replace") as file:
        first = [line.rstrip("\n") for line in itertools.islice(file, MOST_FOR_DRAIN)]
        count = len(first) + sum(1 for _ in file)
    _, other = drain(first, MASKS)
    own, other = 1e6 * own / count, 1e6 * other / len(first)
    print(
        f"{count} lines, {pathlib.Path(log).stat().st_size / 1e6:.0f} MB: import {own:.2f} us a line, at most "
        f"{after.ru_maxrss // 1024} MB of memory; Drain3 {other:.1f} us a line ({len(first)} lines): {other / own:.1f} times"
    )


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("program")
parser.add_argument("--sets")
parser.add_argument("--speed")
parser.add_argument("--made", type=int)
given = parser.parse_args()
if given.sets:
    sets(given.program, given.sets)
if given.speed:
    speed(given.program, given.speed)
if given.made:
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder, "made.log")
        made(log, given.made * 1_000_000)
        speed(given.program, log)
