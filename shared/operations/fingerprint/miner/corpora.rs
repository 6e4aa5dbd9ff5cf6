//! Made logs of many kinds, each line with the label of the statement that would have written it.
//!
//! A slot stands in braces; which words are values only the label knows. The kinds follow what logs of
//! such systems look like: lists, values in the first place, states that are statements of their own.

mod kinds;

pub use kinds::all;

use super::dice::Dice;

/// Labels and messages.
pub fn generate(templates: &[&str], lines: usize) -> (Vec<usize>, Vec<String>) {
    let mut dice = Dice(templates.len() as u64);
    let mut labels = Vec::new();
    let mut messages = Vec::new();
    for _ in 0..lines {
        let label = dice.skewed(templates.len());
        labels.push(label);
        messages.push(filled(templates[label], &mut dice));
    }
    (labels, messages)
}

fn filled(template: &str, dice: &mut Dice) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (slot, behind) = after.split_once('}').unwrap();
        out.push_str(before);
        if slot.bytes().all(|byte| byte.is_ascii_lowercase()) {
            out.push_str(&value(slot, dice));
            rest = behind;
        } else {
            out.push('{');
            rest = after;
        }
    }
    out + rest
}

const USERS: [&str; 18] = [
    "root",
    "admin",
    "mara",
    "deploy",
    "oracle",
    "backup",
    "test",
    "jon",
    "nobody",
    "ftpuser",
    "webmaster",
    "ana",
    "git",
    "pavel",
    "guest",
    "info",
    "sales",
    "temp",
];
const HOSTS: [&str; 8] =
    ["harbor", "lagoon", "mill.example.org", "n12", "quarry", "db-7", "gate.lan", "spruce"];
const CLASSES: [&str; 9] = [
    "org.acme.flow.TaskEvent",
    "org.acme.flow.JobEvent",
    "com.acme.ui.Panel$Inner",
    "net.acme.Pump",
    "acme.io.Valve",
    "org.acme.Reel",
    "com.acme.app.MainActivity",
    "org.acme.flow.CleanerImpl",
    "java.lang.Object",
];
const PROGRAMS: [&str; 7] = ["mailer", "sshd", "crond", "indexer.exe", "WindowServer", "kworker", "cupsd"];
const STATES: [&str; 3] = ["LOOKING", "FOLLOWING", "LEADING"];

fn value(slot: &str, dice: &mut Dice) -> String {
    let number = |dice: &mut Dice, ceiling| dice.below(ceiling).to_string();
    let ip = |dice: &mut Dice| format!("10.{}.{}.{}", dice.below(250), dice.below(250), dice.below(250));
    let list = |dice: &mut Dice, most, item: &dyn Fn(&mut Dice) -> String| {
        (0..1 + dice.below(most)).map(|_| item(dice)).collect::<Vec<_>>()
    };
    match slot {
        "n" => number(dice, 90_000),
        "d" => number(dice, 9),
        "f" => format!("{}.{}", dice.below(900), dice.below(99)),
        "neg" => format!("-{}", dice.below(9)),
        "ip" => ip(dice),
        "addr" => format!("{}:{}", ip(dice), dice.below(60_000)),
        "hex" => format!("{:#x}", dice.roll() >> 20),
        "hx" => format!("{:08x}", dice.roll() as u32),
        "id" => format!("blk_{}", dice.roll() as i64),
        "job" => format!("job_{}_{:04}", dice.roll() >> 24, dice.below(900)),
        "uuid" => {
            let (a, b) = (dice.roll(), dice.roll());
            let part = |value: u64, at: u32| value >> at & 0xffff;
            format!(
                "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
                a >> 32,
                part(a, 16),
                part(a, 0),
                b >> 48,
                b & 0xffff_ffff_ffff
            )
        }
        "mac" => list(dice, 1, &|dice| {
            (0..6).map(|_| format!("{:02x}", dice.below(256))).collect::<Vec<_>>().join(":")
        })
        .join(""),
        "user" => dice.pick(&USERS).to_owned(),
        "host" => dice.pick(&HOSTS).to_owned(),
        "class" => dice.pick(&CLASSES).to_owned(),
        "prog" => dice.pick(&PROGRAMS).to_owned(),
        "state" => dice.pick(&STATES).to_owned(),
        "bool" => ["true", "false"][dice.below(2)].to_owned(),
        "onoff" => ["on", "off"][dice.below(2)].to_owned(),
        "path" => format!("/srv/{}/part-{}.dat", dice.pick(&USERS), dice.below(900)),
        "win" => format!("C:\\Windows\\{}\\{}.dll", dice.pick(&PROGRAMS), dice.pick(&USERS)),
        "file" => format!("{}.dll", dice.pick(&USERS)),
        "url" => format!("https://{}.example/{}?q={}", dice.pick(&USERS), dice.below(90), dice.below(90)),
        "size" => format!("{}.{} {}", dice.below(900), dice.below(9), dice.pick(&["KB", "MB", "B", "GB"])),
        "dur" => [format!("{:02}:{:02}", dice.below(60), dice.below(60)), "<1 sec".to_owned()][dice.below(2)]
            .clone(),
        "time" => format!("{:02}:{:02}:{:02}", dice.below(24), dice.below(60), dice.below(60)),
        "date" => format!(
            "{} Nov {} 0{}:12:33 2021",
            dice.pick(&["Mon", "Tue", "Sun"]),
            1 + dice.below(28),
            dice.below(9)
        ),
        "nums" => list(dice, 6, &|dice| dice.below(5000).to_string()).join(" "),
        "commas" => list(dice, 6, &|dice| dice.below(5000).to_string()).join(","),
        "hashes" => list(dice, 5, &|dice| dice.below(5000).to_string()).join("##"),
        "addrs" => list(dice, 3, &|dice| format!("{}:{}", ip(dice), dice.below(60_000))).join(" "),
        "paths" => list(dice, 4, &|dice| format!("/srv/x/{}", dice.below(5000))).join(" "),
        "obj" => format!(
            "{:x} token=Token{{{:x} {} t{}}}",
            dice.below(9_000_000),
            dice.below(900),
            dice.pick(&CLASSES),
            dice.below(90)
        ),
        "words" => {
            format!("[{}]", list(dice, 3, &|dice| dice.pick(&["TERM", "HUP", "INT"]).to_owned()).join(", "))
        }
        "emptyip" => [String::new(), ip(dice)][dice.below(2)].clone(),
        "loc" => format!(
            "R{:02}-M{}-{}",
            dice.below(64),
            dice.below(2),
            dice.pick(&["N2-C:J07-U01", "L3-U18-C", "NF"])
        ),
        "node" => format!("node-{}", dice.pick(&["17", "D4", "[3-9]", "128"])),
        other => panic!("no slot {other}"),
    }
}
