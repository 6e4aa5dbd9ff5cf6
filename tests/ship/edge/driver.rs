//! A real edge of its own folder, asked over its control socket, and requests to what it serves.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::loading::exchange;
use crate::support::{SHIP, wait_for};

const SOURCE: &str = include_str!("service.rs.txt");

/// The service's program, compiled once.
pub fn service() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let dir = tempfile::Builder::new().prefix("service").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let (source, fresh) = (dir.path().join("service.rs"), dir.path().join("service"));
        std::fs::write(&source, SOURCE).unwrap();
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let status = Command::new(rustc)
            .args(["--edition=2024", "-Cdebuginfo=0", "-o"])
            .args([&fresh, &source])
            .status()
            .unwrap();
        assert!(status.success());
        let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("edge-test-service");
        std::fs::rename(&fresh, &program).unwrap();
        program
    })
}

pub struct Edge {
    root: TempDir,
    pub port: u16,
    supervisor: Option<Child>,
}

impl Edge {
    pub fn start() -> Self {
        // A short path: a socket's has little room.
        let root = tempfile::Builder::new().prefix("edge-").tempdir_in("/tmp").unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut edge = Self { root, port, supervisor: None };
        edge.start_supervisor();
        edge
    }

    pub fn dir(&self) -> PathBuf {
        self.root.path().join("edge")
    }

    pub fn command(&self, port: u16) -> Command {
        let mut command = Command::new(SHIP);
        command
            .args(["edge", "--port", &port.to_string(), "--dir"])
            .arg(self.dir())
            .arg("--sockets")
            .arg(self.root.path().join("s"))
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    pub fn start_supervisor(&mut self) {
        self.supervisor = Some(self.command(self.port).spawn().unwrap());
        wait_for("the control socket", 20, || self.try_ask(&json!({"v": 1, "do": "status"})));
    }

    /// Kill the supervisor without warning.
    pub fn kill_supervisor(&mut self) {
        let mut child = self.supervisor.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn socket(&self) -> Option<PathBuf> {
        let sockets = std::fs::read_dir(self.root.path().join("s")).ok()?;
        sockets
            .flatten()
            .map(|entry| entry.path())
            .find(|path| path.to_string_lossy().ends_with("control.sock"))
    }

    pub fn try_ask(&self, request: &Value) -> Option<Value> {
        let mut stream = UnixStream::connect(self.socket()?).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.write_all(format!("{request}\n").as_bytes()).ok()?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).ok()?;
        serde_json::from_str(&line).ok()
    }

    /// Ask, and expect a value.
    #[track_caller]
    pub fn ask(&self, request: Value) -> Value {
        let answer = self.try_ask(&request).expect("an answer");
        assert_eq!(answer["ok"], true, "{answer} to {request}");
        answer["value"].clone()
    }

    /// Ask, and expect an error.
    #[track_caller]
    pub fn refused(&self, request: Value) -> String {
        let answer = self.try_ask(&request).expect("an answer");
        assert_eq!(answer["ok"], false, "{answer}");
        answer["error"].as_str().unwrap().to_owned()
    }

    pub fn status(&self) -> Value {
        self.ask(json!({"v": 1, "do": "status"}))
    }

    pub fn slot(&self, name: &str) -> Option<Value> {
        let status = self.status();
        status["slots"].as_array().unwrap().iter().find(|slot| slot["slot"] == name).cloned()
    }

    pub fn stable(&self) -> String {
        self.slot("stable").map_or(String::new(), |slot| slot["release"].as_str().unwrap().to_owned())
    }

    #[track_caller]
    pub fn start_stable(&self, release: &str, env: Value) {
        self.ask(json!({"v": 1, "do": "start", "slot": self.spec(release, env)}));
    }

    pub fn spec(&self, release: &str, env: Value) -> Value {
        let mut all = json!({"NAME": release});
        all.as_object_mut().unwrap().extend(env.as_object().unwrap().clone());
        json!({
            "release": release, "argv": [service()], "cwd": self.root.path(), "env": all,
            "health": "/health", "ready_ms": 10_000, "answer_ms": 2_000,
        })
    }

    /// A plan that is over soon: half of the requests, and one probe.
    pub fn plan(&self, release: &str, env: Value) -> Value {
        json!({
            "slot": self.spec(release, env), "steps": [25, 50], "min_ms": 600, "max_ms": 20_000,
            "alpha": 0.01, "max_error_rate": 0.01, "promote_auto": true, "rollback_on_inconclusive": false,
            "verify_ms": 200,
            "probes": [{"check": "greets/hello", "method": "GET", "path": "/hello", "status": 200, "contains": "hello"}],
        })
    }

    #[track_caller]
    pub fn canary(&self, plan: Value) {
        self.ask(json!({"v": 1, "do": "canary", "plan": plan}));
    }

    /// Wait until the plan is in one of these phases.
    #[track_caller]
    pub fn wait_phase(&self, phases: &[&str]) -> Value {
        wait_for(&format!("{phases:?}"), 30, || {
            let plan = self.status()["plan"].clone();
            let phase = plan["phase"].as_str().unwrap_or_default();
            assert!(
                phases.contains(&phase) || !["promoted", "rolled-back"].contains(&phase),
                "{plan}\n{:#?}",
                self.journal()
            );
            phases.contains(&phase).then_some(plan)
        })
    }

    pub fn journal(&self) -> Vec<Value> {
        self.ask(json!({"v": 1, "do": "journal", "after": 0})).as_array().unwrap().clone()
    }

    pub fn ops(&self) -> Vec<String> {
        self.journal().iter().map(|record| record["op"].as_str().unwrap().to_owned()).collect()
    }

    pub fn failures(&self) -> Vec<Value> {
        self.ask(json!({"v": 1, "do": "failures"})).as_array().unwrap().clone()
    }

    /// Status and body; status 0 where there was no whole answer.
    pub fn get(&self, path: &str) -> (u16, String) {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: edge.test\r\nconnection: close\r\n\r\n"))
    }

    pub fn send(&self, request: &str) -> (u16, String) {
        exchange(self.port, request).unwrap_or((0, String::new()))
    }

    /// Head and body of the answer to these bytes, up to the end of the connection.
    pub fn raw(&self, request: &[u8]) -> (String, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(request).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        (head.to_owned(), body.to_owned())
    }

    /// The access log's lines; it is written about once a second.
    pub fn access(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.dir().join("logs/access.jsonl")).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Put another worker in the place of the one that serves, once there is room for one.
    #[track_caller]
    pub fn replace_worker(&self) {
        wait_for("another worker", 60, || {
            let answer = self.try_ask(&json!({"v": 1, "do": "replace-worker"}))?;
            assert!(answer["ok"] == true || answer["trouble"] == "busy", "{answer}");
            (answer["ok"] == true).then_some(())
        });
    }

    /// Processes of this edge: those that carry its folder in their arguments or were started by it.
    pub fn pids(&self) -> Vec<u64> {
        let status = self.status();
        let slots = status["slots"].as_array().unwrap().iter().map(|slot| slot["pid"].as_u64().unwrap());
        slots.chain(["supervisor", "worker"].iter().filter_map(|key| status[key].as_u64())).collect()
    }
}

/// Whether a process of this number lives; a zombie does not.
pub fn alive(pid: u64) -> bool {
    let Ok(listed) = Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output() else {
        return false;
    };
    let state = String::from_utf8_lossy(&listed.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}

pub fn kill(pid: u64, signal: &str) {
    let killed = Command::new("kill").args([signal, &pid.to_string()]).status().unwrap();
    assert!(killed.success());
}

impl Drop for Edge {
    fn drop(&mut self) {
        if self.try_ask(&json!({"v": 1, "do": "status"})).is_none() && self.dir().join("state.json").exists()
        {
            // A supervisor adopts what a killed one left, and can then end it.
            self.supervisor = self.command(self.port).spawn().ok();
            for _ in 0..200 {
                if self.try_ask(&json!({"v": 1, "do": "status"})).is_some() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        let _ = self.try_ask(&json!({"v": 1, "do": "stop", "what": "all"}));
        if let Some(mut child) = self.supervisor.take() {
            if std::thread::panicking() {
                let log = self.dir().join("logs/edge.log");
                eprintln!("edge.log:\n{}", std::fs::read_to_string(log).unwrap_or_default());
            }
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
