//! A hermetic place to run the real binaries in: its own HOME, no inherited git settings, a fixed
//! identity, and a deadline on everything waited for.

#![allow(dead_code, reason = "a module of tests need not use all of it")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub const INTENT: &str = env!("CARGO_BIN_EXE_cargo-intent");
pub const SHIP: &str = env!("CARGO_BIN_EXE_cargo-ship");
pub const FEEDBACK: &str = env!("CARGO_BIN_EXE_git-feedback");

/// A temporary folder with a HOME and a repository.
pub struct Sandbox {
    _root: TempDir,
    pub home: PathBuf,
    pub repo: PathBuf,
}

/// What a command answered.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Assert the exit code, showing everything where it differs.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub fn ok(self) -> Self {
        self.exits(0)
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        let all = format!("{}{}", self.stdout, self.stderr);
        assert!(all.contains(text), "no {text:?} in\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e} in {:?}", self.stdout))
    }
}

impl Sandbox {
    /// An empty folder that is no repository.
    pub fn bare() -> Self {
        let root = tempfile::Builder::new().prefix("factory-test-").tempdir().unwrap();
        let path = root.path().canonicalize().unwrap();
        let (home, repo) = (path.join("home"), path.join("repo"));
        std::fs::create_dir(&home).unwrap();
        std::fs::create_dir(&repo).unwrap();
        Self { _root: root, home, repo }
    }

    /// A repository without commits.
    pub fn unborn() -> Self {
        let sandbox = Self::bare();
        sandbox.git(&["init", "-q", "-b", "main"]);
        sandbox
    }

    /// A repository with one commit that holds a README.
    pub fn new() -> Self {
        let sandbox = Self::unborn();
        sandbox.write("README.md", "# a project\n");
        sandbox.commit("begin");
        sandbox
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.repo.join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.repo.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.repo.join(name)).unwrap()
    }

    /// Commit everything; the new commit's id.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// Run git, which must succeed; its standard output.
    #[track_caller]
    pub fn git<S: AsRef<OsStr>>(&self, args: &[S]) -> String {
        self.run("git", args).ok().stdout
    }

    /// A command in the repository with the hermetic environment.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            let kept = ["PATH", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "CARGO_HOME", "TMPDIR", "LD_LIBRARY_PATH"];
            if !kept.contains(&text.as_ref()) && !text.starts_with("FACTORY_SLOW") {
                command.env_remove(&name);
            }
        }
        // A new HOME must not cost a new registry or toolchain.
        for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            if std::env::var_os(name).is_none()
                && let Some(home) = std::env::home_dir()
            {
                command.env(name, home.join(folder));
            }
        }
        command
            .current_dir(&self.repo)
            .env("HOME", &self.home)
            .env("XDG_STATE_HOME", self.home.join("state"))
            .env("XDG_CONFIG_HOME", self.home.join("config"))
            .env("XDG_RUNTIME_DIR", self.home.join("run"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "Tester")
            .env("GIT_AUTHOR_EMAIL", "tester@example.invalid")
            .env("GIT_COMMITTER_NAME", "Tester")
            .env("GIT_COMMITTER_EMAIL", "tester@example.invalid")
            .env("CARGO_NET_OFFLINE", "true")
            .env("CARGO_TERM_COLOR", "never")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null());
        command
    }

    #[track_caller]
    pub fn run<S: AsRef<OsStr>>(&self, program: impl AsRef<OsStr>, args: &[S]) -> Ran {
        finish(self.command(program).args(args))
    }

    #[track_caller]
    pub fn intent(&self, args: &[&str]) -> Ran {
        self.run(INTENT, args)
    }

    #[track_caller]
    pub fn ship(&self, args: &[&str]) -> Ran {
        self.run(SHIP, args)
    }

    #[track_caller]
    pub fn feedback(&self, args: &[&str]) -> Ran {
        self.run(FEEDBACK, args)
    }

    /// A file of the repository's lines of notes under `refs/notes/<name>`, all commits together.
    pub fn note_lines(&self, name: &str) -> Vec<String> {
        let listed = self.run("git", &["notes", &format!("--ref={name}"), "list"]);
        let mut lines = Vec::new();
        for row in listed.stdout.lines() {
            let blob = row.split(' ').next().unwrap();
            lines.extend(self.git(&["cat-file", "blob", blob]).lines().map(str::to_owned));
        }
        lines.sort();
        lines
    }
}

/// Run to the end and collect everything.
#[track_caller]
pub fn finish(command: &mut Command) -> Ran {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    Ran {
        code: output.status.code().unwrap_or_else(|| {
            use std::os::unix::process::ExitStatusExt;
            128 + output.status.signal().unwrap_or(0)
        }),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Wait until `condition` gives a value, at most `seconds`.
#[track_caller]
pub fn wait_for<T>(what: &str, seconds: u64, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(Instant::now() < deadline, "waited {seconds} s for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether a program is there; says aloud what is skipped where it is not.
pub fn has(program: &str) -> bool {
    let found = which::which(program).is_ok();
    if !found {
        eprintln!("SKIPPED: {program} is not installed");
    }
    found
}

/// What a line for the shell shows on a terminal of so many columns.
#[track_caller]
pub fn on_terminal(sandbox: &Sandbox, columns: u16, line: &str) -> String {
    use expectrl::Expect;
    let mut command = sandbox.command("sh");
    // The terminal is the test's to give; null input is the sandbox's default.
    // It waits for a word: the session gives the terminal a size of its own while it starts.
    command.args(["-c", &format!("read go && stty cols {columns} && {line}")]).stdin(Stdio::inherit());
    let mut session = expectrl::Session::spawn(command).unwrap();
    session.send_line("go").unwrap();
    session.set_expect_timeout(Some(Duration::from_secs(20)));
    let shown = session.expect(expectrl::Eof).unwrap();
    let shown = String::from_utf8_lossy(shown.as_bytes()).replace('\r', "");
    shown.strip_prefix("go\n").map_or(shown.clone(), str::to_owned)
}
