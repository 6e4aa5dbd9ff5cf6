//! Stories across the three tools: the session the README shows, run.

use std::process::{Command, Stdio};

use regex::Regex;

use crate::support::{INTENT, Sandbox};

/// One command of a `console` block, and the lines below it.
struct Step {
    command: String,
    below: Vec<String>,
}

fn steps(readme: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for block in readme.split("```console\n").skip(1) {
        for line in block.split("```").next().unwrap().lines() {
            match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => steps.push(Step { command: command.to_owned(), below: Vec::new() }),
                (None, Some(step)) => step.below.push(line.to_owned()),
                (None, None) => panic!("{line:?} belongs to no command"),
            }
        }
    }
    steps
}

/// The line without what differs from run to run.
fn constant(line: &str) -> String {
    let masks = [
        (r"r\d{8}-[0-9a-z]{4}", "RELEASE"),
        (r"fb-[0-9a-z]{4,10}", "ITEM"),
        (r"\b\d+(\.\d+)?[smh]\b", "TIME"),
        (r"\b[0-9a-f]{10}\b", "COMMIT"),
        (r"\S+/personal-factory/hello-[0-9a-f]{12}", "STATE"),
    ];
    let masked = masks.iter().fold(line.to_owned(), |text, (pattern, name)| {
        Regex::new(pattern).unwrap().replace_all(&text, *name).into_owned()
    });
    masked.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn project() -> Sandbox {
    let sandbox = Sandbox::bare();
    sandbox.run("cargo", &["new", "-q", "--vcs", "git", "--name", "hello", "hello"]).ok();
    let mut sandbox = sandbox;
    sandbox.repo = sandbox.path("hello");
    sandbox.run("cargo", &["generate-lockfile"]).ok();
    sandbox.git(&["checkout", "-q", "-B", "main"]);
    sandbox.commit("begin");
    sandbox
}

/// Run one step as a shell would, with our programs first on PATH; both streams as lines.
fn run(sandbox: &Sandbox, step: &Step) -> Vec<String> {
    use std::io::Write;
    let folder = std::path::Path::new(INTENT).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut command: Command = sandbox.command("sh");
    command.args(["-c", &format!("{} 2>&1", step.command)]).env("PATH", path);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    if reads_below(step) {
        let text = format!("{}\n", step.below.join("\n"));
        child.stdin.as_ref().unwrap().write_all(text.as_bytes()).unwrap();
    }
    drop(child.stdin.take());
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// The ids of items in a line.
fn ids(line: &str) -> Vec<String> {
    let pattern = Regex::new(r"\bfb-[0-9a-z]{4,10}\b").unwrap();
    pattern.find_iter(line).map(|found| found.as_str().to_owned()).collect()
}

/// The command with the ids this run gave in the place of those the README shows.
fn with_own_ids(command: &str, own: &[(String, String)]) -> String {
    ids(command).iter().fold(command.to_owned(), |command, shown| {
        let (_, own) = own.iter().find(|(known, _)| known.starts_with(shown.as_str())).unwrap();
        command.replace(shown, own)
    })
}

/// Whether the lines below a command are what a person types into it.
fn reads_below(step: &Step) -> bool {
    step.command.starts_with("cat >>")
}

/// The program of the README, with what it does before it greets.
fn greeting(before: &str) -> String {
    format!(
        "fn main() {{\n    let name = std::env::args().nth(1).unwrap_or(\"world\".into());\n{before}    \
         println!(\"Hello, {{name}}!\");\n}}\n"
    )
}

#[test]
fn the_session_in_the_readme_is_what_happens() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let steps = steps(&readme);
    assert!(steps.len() >= 7, "the README shows a session");
    let sandbox = project();
    let (mut checks, mut commits, mut own) = (0, 0, Vec::new());
    for step in &steps {
        let command = with_own_ids(&step.command, &own);
        let step = &Step { command, below: step.below.clone() };
        checks += usize::from(step.command == "cargo intent check");
        commits += usize::from(step.command.starts_with("git add"));
        match (step.command.split(' ').next().unwrap(), checks, commits) {
            ("cargo", 2, 0) => sandbox.write("src/main.rs", greeting("")),
            ("git", 3, 2) => {
                let refusal = "    if name.is_empty() {\n        std::process::exit(2);\n    }\n";
                sandbox.write("src/main.rs", greeting(refusal));
            }
            _ => {}
        }
        let said = run(&sandbox, step);
        if reads_below(step) {
            continue;
        }
        let mut rest = said.iter();
        for line in &step.below {
            let wanted = constant(line);
            let found = rest.find(|line| constant(line) == wanted);
            let found = found.unwrap_or_else(|| panic!("$ {}\nno {wanted:?} in {said:#?}", step.command));
            own.extend(ids(line).into_iter().zip(ids(found)));
        }
    }
}
