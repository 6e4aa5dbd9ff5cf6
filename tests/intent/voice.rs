//! `cargo intent new --voice`: a recording becomes an intent, and every failure keeps it.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::support::{INTENT, Ran, Sandbox, finish, has, wait_for};

/// A spoken sentence, and words of it a small model hears well.
const SENTENCE: &str = "please open the door and count the people in the room";
const CONTENT: [&str; 6] = ["please", "open", "door", "count", "people", "room"];

#[test]
fn a_spoken_sentence_becomes_a_draft() {
    let probe = "import importlib.util, sys; sys.exit(importlib.util.find_spec('pocketsphinx') is None)";
    if !has("espeak-ng") || !(has("sox") || has("ffmpeg")) || !has("python3") {
        return;
    }
    let sandbox = Sandbox::new();
    if sandbox.run("python3", &["-c", probe]).code != 0 {
        eprintln!("SKIPPED: the Python package pocketsphinx is not installed");
        return;
    }
    sandbox.run("espeak-ng", &["-v", "en-us", "-s", "130", "-w", "memo.wav", SENTENCE]).ok();
    sandbox.intent(&["new", "door", "--voice", "memo.wav"]).ok().says("heard by").says("memo.wav");
    let shown = sandbox.intent(&["show", "door", "--format", "json"]).ok().json();
    let heard = shown["rationale"].as_str().unwrap().to_owned();
    let known = CONTENT.iter().filter(|word| heard.split_whitespace().any(|said| said == **word)).count();
    assert!(known >= 2, "{heard:?} of {SENTENCE:?}");
    assert_eq!(shown["outcome"], heard);
}

fn transcriber(sandbox: &Sandbox, script: &str) -> PathBuf {
    let path = sandbox.home.join("hear");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    sandbox.write("factory.toml", format!("[capture]\ntranscriber = \"{} {{input}}\"\n", path.display()));
    sandbox.write("a b.wav", "sound");
    path
}

#[test]
fn a_configured_transcriber_is_given_the_recording_and_its_words_stay_whole() {
    let sandbox = Sandbox::new();
    transcriber(&sandbox, "test \"$(cat \"$1\")\" = sound && echo 'Sort my notes. It must be quick.'");
    let told = sandbox.intent(&["new", "notes", "--voice", "a b.wav", "--format", "json"]).ok().json();
    assert!(told["recording"].as_str().unwrap().ends_with("a b.wav"), "{told}");
    let shown = sandbox.intent(&["show", "notes", "--format", "json"]).ok().json();
    assert_eq!(shown["rationale"], "Sort my notes. It must be quick.");
    assert_eq!(shown["outcome"], "Sort my notes.");
}

#[test]
fn a_transcriber_that_fails_or_hears_nothing_keeps_the_recording_and_writes_nothing() {
    let sandbox = Sandbox::new();
    transcriber(&sandbox, "echo no model >&2; exit 3");
    let ran = sandbox.intent(&["new", "a", "--voice", "a b.wav"]).exits(5);
    ran.says("exit code 3: no model").says("the recording is kept").says("a b.wav");
    transcriber(&sandbox, "echo ' [BLANK_AUDIO] '");
    sandbox.intent(&["new", "a", "--voice", "a b.wav"]).exits(3).says("heard no words in").says("a b.wav");
    sandbox.intent(&["new", "a", "--voice", "none.wav"]).exits(2).says("cannot read none.wav");
    sandbox.write("factory.toml", "[capture]\ntranscriber = \"hear\"\n");
    sandbox.intent(&["new", "a", "--voice", "a b.wav"]).exits(2).says("does not say where {input} goes");
    assert!(sandbox.path("a b.wav").exists() && !sandbox.path("intents").exists());
}

/// A folder of programs to be the whole PATH: git and sh, and these scripts.
fn only(sandbox: &Sandbox, scripts: &[(&str, &str)]) -> PathBuf {
    let bin = sandbox.home.join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    for name in ["git", "sh", "cat", "sleep"] {
        let link = bin.join(name);
        if !link.exists() {
            std::os::unix::fs::symlink(which::which(name).unwrap(), link).unwrap();
        }
    }
    for (name, script) in scripts {
        std::fs::write(bin.join(name), format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(bin.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    bin
}

fn with_path(sandbox: &Sandbox, bin: &Path, args: &[&str]) -> Ran {
    finish(sandbox.command(INTENT).env("PATH", bin).args(args))
}

#[test]
fn without_a_transcriber_or_a_recorder_it_says_what_to_install() {
    let sandbox = Sandbox::new();
    let bin = only(&sandbox, &[]);
    sandbox.write("memo.wav", "sound");
    let ran = with_path(&sandbox, &bin, &["new", "a", "--voice", "memo.wav"]).exits(5);
    ran.says("no transcriber is on PATH").says("pip install pocketsphinx").says("[capture] transcriber");
    let ran = with_path(&sandbox, &bin, &["new", "a", "--voice"]).exits(5);
    ran.says("nothing that records is on PATH").says("install alsa-utils or sox");
    let bin = only(&sandbox, &[("vosk-transcriber", "echo \"$@\" > args; echo 'Open the door.' > \"$6\"")]);
    with_path(&sandbox, &bin, &["new", "a", "--voice", "memo.wav"]).ok().says("heard by vosk-transcriber");
    assert!(sandbox.read("args").contains("-t txt -o"), "{}", sandbox.read("args"));
}

/// Records, as programs that record do, until SIGINT.
const RECORDER: &str =
    "for file; do :; done; trap 'cat head > \"$file\"; exit 1' INT; while :; do sleep 0.05; done";

/// A command that records with these programs, once it asks to be ended.
fn recording(sandbox: &Sandbox, bin: &Path) -> std::process::Child {
    let mut child = sandbox
        .command(INTENT)
        .env("PATH", bin)
        .args(["new", "a", "--voice", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let mut asked = Vec::new();
    // The recorder sets its trap before it is useful to press Enter.
    while !String::from_utf8_lossy(&asked).contains("press Enter") {
        let mut buffer = [0; 256];
        let count = std::io::Read::read(&mut stderr, &mut buffer).unwrap();
        assert!(count > 0, "{}", String::from_utf8_lossy(&asked));
        asked.extend_from_slice(&buffer[..count]);
    }
    child
}

#[test]
fn ctrl_c_ends_a_recording_and_once_more_the_command_which_keeps_it() {
    let sandbox = Sandbox::new();
    let hear = "touch hearing; while [ ! -e go ]; do sleep 0.05; done; echo 'Open the door.' > \"$6\"";
    let bin = only(&sandbox, &[("arecord", RECORDER), ("vosk-transcriber", hear), ("touch", TOUCH)]);
    sandbox.write("head", "x".repeat(100));
    let mut child = recording(&sandbox, &bin);
    // Held open, so that its end is not what ends the recording.
    let _stdin = child.stdin.take();
    let interrupt = || sandbox.run("kill", &["-INT", &child.id().to_string()]).ok();
    interrupt();
    wait_for("the transcriber to begin", 20, || sandbox.path("hearing").exists().then_some(()));
    interrupt();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(!sandbox.path("intents").exists());
    let state = sandbox.home.join("state/personal-factory");
    let kept = wait_for("the recording", 1, || wav_below(&state));
    assert_eq!(std::fs::read(&kept).unwrap().len(), 100);
    sandbox.write("go", "");
    with_path(&sandbox, &bin, &["new", "a", "--voice", kept.to_str().unwrap()]).ok();
    assert!(sandbox.read("intents/a.toml").contains("Open the door."));
}

/// `touch` for a PATH of few programs.
const TOUCH: &str = ": > \"$1\"";

fn wav_below(folder: &Path) -> Option<PathBuf> {
    std::fs::read_dir(folder).ok()?.flatten().find_map(|entry| match entry.path() {
        path if path.is_dir() => wav_below(&path),
        path => path.extension().is_some_and(|kind| kind == "wav").then_some(path),
    })
}

#[test]
fn recording_ends_with_enter_and_is_kept() {
    let sandbox = Sandbox::new();
    let hear = "echo 'Open the door.' > \"$6\"";
    let bin = only(&sandbox, &[("arecord", RECORDER), ("vosk-transcriber", hear)]);
    sandbox.write("head", "x".repeat(100));
    let mut child = recording(&sandbox, &bin);
    drop(child.stdin.take());
    let output = child.wait_with_output().unwrap();
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["transcriber"], "vosk-transcriber", "{told}");
    let kept = told["recording"].as_str().unwrap();
    assert_eq!(std::fs::read(kept).unwrap().len(), 100);
    assert!(sandbox.read("intents/a.toml").contains("Open the door."));
}
