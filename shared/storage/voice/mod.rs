//! Speech: the programs that record it and those that turn it into text.

mod recording;
mod sound;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::fs;
use super::process::{Outcome, Program, Runner, on_path};
use crate::types::hint::Hinted;

pub use recording::record;

/// How long a transcriber may take.
const PATIENCE: Duration = Duration::from_secs(3600);

/// What was said, and which program says so.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcript {
    pub text: String,
    pub by: String,
}

/// Where a transcriber leaves the text.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Answer {
    Output,
    /// One JSON object a line, the words under `t`.
    JsonLines,
    /// `<name of the recording>.txt`, in the folder it was given.
    File,
}

/// A transcriber known by name. `{input}` is the recording, `{dir}` a folder of its own, `{text}`
/// the file for the words.
struct Known {
    program: &'static str,
    args: &'static [&'static str],
    answer: Answer,
    /// It takes 16 kHz, one channel, 16 bits and nothing else.
    plain_sound: bool,
}

/// In the order they are tried, the more accurate first.
const KNOWN: [Known; 5] = [
    Known {
        program: "whisper-cli",
        args: &["-nt", "-np", "-f", "{input}"],
        answer: Answer::Output,
        plain_sound: true,
    },
    Known {
        program: "whisper",
        args: &["{input}", "--output_format", "txt", "--output_dir", "{dir}", "--verbose", "False"],
        answer: Answer::File,
        plain_sound: false,
    },
    Known {
        program: "whisper-ctranslate2",
        args: &["{input}", "--output_format", "txt", "--output_dir", "{dir}"],
        answer: Answer::File,
        plain_sound: false,
    },
    Known {
        program: "vosk-transcriber",
        args: &["-i", "{input}", "-t", "txt", "-o", "{text}"],
        answer: Answer::File,
        plain_sound: false,
    },
    Known {
        program: "pocketsphinx",
        args: &["single", "{input}"],
        answer: Answer::JsonLines,
        plain_sound: true,
    },
];

/// Where `whisper-cli` looks for its model when it is told none.
const WHISPER_MODEL: &str = "models/ggml-base.en.bin";

/// The Python package `pocketsphinx` brings a model and no program that transcribes.
const SPHINX_IN_PYTHON: &str = "\
import sys, wave
from pocketsphinx import Decoder
with wave.open(sys.argv[1]) as sound:
    decoder = Decoder(samprate=sound.getframerate(), loglevel='FATAL')
    data = sound.readframes(sound.getnframes())
decoder.start_utt()
decoder.process_raw(data, full_utt=True)
decoder.end_utt()
found = decoder.hyp()
print(found.hypstr if found else '')
";

/// Turn a recording into text with the configured command, else with the first known program here.
///
/// # Errors
/// No transcriber, one that fails, and one that hears nothing; each names the recording.
pub fn transcribe(runner: Runner, recording: &Path, configured: Option<&str>) -> Result<Transcript> {
    let recording = recording.canonicalize().map_err(|error| {
        anyhow::Error::from(error).context(Hinted::usage(format!("cannot read {}", recording.display())))
    })?;
    let scratch = tempfile::tempdir().context("a folder for the transcript")?;
    let (by, text) = match configured {
        Some(line) => by_command(runner, line, &recording)?,
        None => by_known(runner, &recording, scratch.path())?,
    };
    let text = text.replace("[BLANK_AUDIO]", "").trim().to_owned();
    if text.is_empty() {
        bail!(
            Hinted::unverified(format!("{by} heard no words in {}", recording.display()))
                .hint("record it again closer to the microphone, or: --from FILE with the words")
        );
    }
    Ok(Transcript { text, by })
}

fn by_command(runner: Runner, line: &str, recording: &Path) -> Result<(String, String)> {
    let words = shlex::split(line).filter(|words| !words.is_empty());
    let words =
        words.ok_or_else(|| Hinted::usage(format!("[capture] transcriber {line:?} is no command")))?;
    let shown = recording.to_string_lossy();
    let words: Vec<String> = words.iter().map(|word| word.replace("{input}", &shown)).collect();
    let outcome = run(runner, Program::new(&words[0]).args(&words[1..]), recording)?;
    Ok((words[0].clone(), String::from_utf8_lossy(&outcome.stdout).into_owned()))
}

fn by_known(runner: Runner, recording: &Path, scratch: &Path) -> Result<(String, String)> {
    let usable = |known: &&Known| {
        on_path(known.program).is_some()
            && (known.program != "whisper-cli" || Path::new(WHISPER_MODEL).is_file())
    };
    if let Some(known) = KNOWN.iter().find(usable) {
        return by_program(runner, known, recording, scratch);
    }
    if let Some(python) = python_with_sphinx(runner) {
        let plain = sound::plain(runner, recording, scratch)?;
        let program = Program::new(python).args(["-c", SPHINX_IN_PYTHON]).arg(plain);
        let outcome = run(runner, program, recording)?;
        return Ok(("pocketsphinx".to_owned(), String::from_utf8_lossy(&outcome.stdout).into_owned()));
    }
    let names: Vec<&str> = KNOWN.iter().map(|known| known.program).collect();
    let model = match on_path("whisper-cli") {
        Some(_) => format!("; whisper-cli is, without its model {WHISPER_MODEL}"),
        None => String::new(),
    };
    Err(Hinted::outside(format!(
        "no transcriber is on PATH (looked for {}){model}; the recording is {}",
        names.join(", "),
        recording.display()
    ))
    .hint("pip install pocketsphinx, or in factory.toml: [capture] transcriber = \"my-transcriber {input}\"")
    .into())
}

fn by_program(runner: Runner, known: &Known, recording: &Path, scratch: &Path) -> Result<(String, String)> {
    let input =
        if known.plain_sound { sound::plain(runner, recording, scratch)? } else { recording.to_owned() };
    let stem = input.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let text = scratch.join(format!("{stem}.txt"));
    let (input, dir, written) = (input.to_string_lossy(), scratch.to_string_lossy(), text.to_string_lossy());
    let args = known.args.iter().map(|word| match *word {
        "{input}" => input.as_ref(),
        "{dir}" => dir.as_ref(),
        "{text}" => written.as_ref(),
        word => word,
    });
    let outcome = run(runner, Program::new(known.program).args(args), recording)?;
    let said = match known.answer {
        Answer::Output => String::from_utf8_lossy(&outcome.stdout).into_owned(),
        Answer::File => String::from_utf8_lossy(&fs::read(&text)?).into_owned(),
        Answer::JsonLines => words_of_lines(&outcome.stdout),
    };
    Ok((known.program.to_owned(), said))
}

fn run(runner: Runner, program: Program, recording: &Path) -> Result<Outcome> {
    let name = program.name.to_string_lossy().into_owned();
    let outcome = runner.run(&program.timeout(PATIENCE))?;
    if outcome.success() {
        return Ok(outcome);
    }
    let said = String::from_utf8_lossy(&outcome.stderr).into_owned();
    let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing").trim();
    Err(Hinted::outside(format!("{name} ended with {}: {last}", outcome.words()))
        .hint(format!(
            "the recording is kept: {}; another transcriber: [capture] transcriber = \"… {{input}}\"",
            recording.display()
        ))
        .into())
}

fn words_of_lines(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let objects = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let said: Vec<String> =
        objects.filter_map(|object| Some(object.get("t")?.as_str()?.to_owned())).collect();
    said.join("\n")
}

/// The interpreter that has the package: beside the programs the package installed, else on PATH.
fn python_with_sphinx(runner: Runner) -> Option<PathBuf> {
    let beside = || Some(on_path("pocketsphinx_lm")?.canonicalize().ok()?.parent()?.join("python3"));
    let candidates = [beside(), on_path("python3")];
    let probe = "import importlib.util, sys; sys.exit(importlib.util.find_spec('pocketsphinx') is None)";
    let has = |python: &PathBuf| {
        let program = Program::new(python).args(["-c", probe]).timeout(Duration::from_secs(30));
        runner.run(&program).is_ok_and(|outcome| outcome.success())
    };
    candidates.into_iter().flatten().filter(|python| python.is_file()).find(has)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_transcriber_is_told_the_recording_once() {
        for known in &KNOWN {
            let inputs = known.args.iter().filter(|word| **word == "{input}").count();
            let place = known.args.iter().any(|word| ["{dir}", "{text}"].contains(word));
            assert_eq!((inputs, place), (1, known.answer == Answer::File), "{}", known.program);
        }
    }

    #[test]
    fn words_are_read_from_lines_of_json() {
        let output = b"{\"b\":0.0,\"t\":\"open the door\",\"w\":[]}\nlog\n{\"t\":\"now\"}\n";
        assert_eq!(words_of_lines(output), "open the door\nnow");
    }
}
