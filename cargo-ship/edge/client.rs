//! The edge as the other commands see it: found or started, and asked over its control socket.

use std::io::BufReader;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use factory::storage::fs;
use factory::types::hint::Hinted;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::place::Place;
use super::plan::{Plan, Pointer, SlotSpec};
use super::protocol::{self, Failure, Request, Status, Stop};

/// How long a supervisor may take to listen: it may have to wait for a port, or end what was left.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to a running supervisor.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<UnixStream>,
}

/// Connect to the edge of `place`; `None` where none runs, also where a dead one left its socket.
pub fn connect(place: &Place) -> Result<Option<Client>> {
    use std::io::ErrorKind::{ConnectionRefused, NotFound};
    let socket = place.control_socket();
    match UnixStream::connect(&socket) {
        Ok(stream) => Ok(Some(Client { stream: BufReader::new(stream) })),
        Err(error) if matches!(error.kind(), ConnectionRefused | NotFound) => Ok(None),
        Err(error) => Err(error).with_context(|| socket.display().to_string()),
    }
}

/// Connect, or start `program` as the edge of `place` on `port`, one starter at a time.
pub fn connect_or_start(place: &Place, program: &Path, port: u16) -> Result<Client> {
    if let Some(client) = connect(place)? {
        return Ok(client);
    }
    place.create()?;
    let lock = std::fs::File::create(place.start_lock()).context("the lock of whoever starts the edge")?;
    lock.lock().context("the lock of whoever starts the edge")?;
    if let Some(client) = connect(place)? {
        return Ok(client);
    }
    let mut child = start(place, program, port)?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(client) = connect(place)? {
            return Ok(client);
        }
        if let Some(status) = child.try_wait()? {
            return Err(refusal(place, &child, &status.to_string()));
        }
        if Instant::now() >= deadline {
            return Err(Hinted::outside("the edge was started but does not answer")
                .hint(format!("see {}", place.log("edge").display()))
                .into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn start(place: &Place, program: &Path, port: u16) -> Result<Child> {
    use std::os::unix::fs::OpenOptionsExt;
    let log = place.log("edge");
    let log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(&log)
        .with_context(|| log.display().to_string())?;
    Command::new(program)
        .arg("edge")
        .arg("--dir")
        .arg(&place.dir)
        .arg("--sockets")
        .arg(&place.sockets)
        .arg("--port")
        .arg(port.to_string())
        .current_dir(&place.dir)
        // It outlives whoever starts it: it must not carry the mark by which a caller's tree is ended.
        .env_remove(factory::storage::tree::VARIABLE)
        .stdin(Stdio::null())
        .stdout(Stdio::from(log.try_clone()?))
        .stderr(Stdio::from(log))
        .spawn()
        .map_err(|error| Hinted::outside(format!("{} cannot be started: {error}", program.display())).into())
}

/// Why the supervisor that was started ended, in its own words where it left some.
fn refusal(place: &Place, child: &Child, status: &str) -> anyhow::Error {
    let left = fs::read_if_there(&place.refused()).ok().flatten().unwrap_or_default();
    let left: Value = serde_json::from_slice(&left).unwrap_or_default();
    let text = |key: &str| left[key].as_str().map(str::to_owned);
    match text("error").filter(|_| left["pid"].as_u64() == Some(child.id().into())) {
        Some(what) => Hinted { hint: text("hint"), ..Hinted::outside(what) }.into(),
        None => Hinted::outside(format!("the edge ended at once ({status})"))
            .hint(format!("see {}", place.log("edge").display()))
            .into(),
    }
}

impl Client {
    pub fn status(&mut self) -> Result<Status> {
        self.ask(&Request::Status {})
    }

    /// Start the stable slot or replace it without a canary; answered once it serves.
    pub fn start(&mut self, slot: SlotSpec, pointer: Option<Pointer>) -> Result<Status> {
        self.ask(&Request::Start { slot, pointer })
    }

    /// Hand over a plan; answered at once, the plan runs in the edge.
    pub fn canary(&mut self, plan: Plan) -> Result<Status> {
        self.ask(&Request::Canary { plan: Box::new(plan) })
    }

    pub fn promote(&mut self) -> Result<Status> {
        self.ask(&Request::Promote {})
    }

    /// End the canary, or go back to the old release while the new one is watched.
    pub fn rollback(&mut self, reason: &str) -> Result<Status> {
        self.ask(&Request::Rollback { reason: reason.to_owned() })
    }

    /// End slots, worker and supervisor; answered once they have ended.
    pub fn stop(mut self) -> Result<Status> {
        self.ask(&Request::Stop { what: Stop::All })
    }

    /// The journal's records after number `after`.
    pub fn journal(&mut self, after: u64) -> Result<Vec<Value>> {
        self.ask(&Request::Journal { after })
    }

    /// Say that the records up to `to` are in the notes.
    pub fn published(&mut self, to: u64) -> Result<()> {
        self.ask::<Value>(&Request::Published { to }).map(|_| ())
    }

    pub fn failures(&mut self) -> Result<Vec<Failure>> {
        self.ask(&Request::Failures {})
    }

    fn ask<T: DeserializeOwned>(&mut self, request: &Request) -> Result<T> {
        protocol::write(self.stream.get_ref(), request).context("asking the edge")?;
        let line = protocol::read_line(&mut self.stream).context("the edge's answer")?;
        let line = line.ok_or_else(|| {
            Hinted::outside("the edge ended before it answered").hint("cargo ship status starts it again")
        })?;
        protocol::parse_answer(&line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// The program beside this test's own, which `cargo test` builds for the integration tests.
    fn program() -> Option<PathBuf> {
        let program = std::env::current_exe().ok()?.parent()?.parent()?.join("cargo-ship");
        program.exists().then_some(program)
    }

    fn place() -> (tempfile::TempDir, Place) {
        let root = tempfile::Builder::new().prefix("edge-").tempdir_in("/tmp").unwrap();
        let place = Place::new(root.path().join("edge"), root.path().join("s")).unwrap();
        (root, place)
    }

    fn free_port() -> u16 {
        std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
    }

    #[test]
    fn an_edge_is_started_once_found_again_and_stopped() {
        let Some(program) = program() else { return };
        let (_root, place) = place();
        assert!(connect(&place).unwrap().is_none());
        let port = free_port();
        let start = |_| {
            let (place, program) = (place.clone(), program.clone());
            std::thread::spawn(move || {
                connect_or_start(&place, &program, port).unwrap().status().unwrap().supervisor
            })
        };
        let pids: Vec<u32> = (0..4).map(start).map(|thread| thread.join().unwrap()).collect();
        assert!(pids.iter().all(|pid| *pid == pids[0]), "{pids:?}");
        let mut client = connect(&place).unwrap().unwrap();
        let spec = SlotSpec::new("r1", vec!["/nonexistent".into()], "/");
        let error = client.start(spec, None).unwrap_err();
        assert!(error.downcast_ref::<Hinted>().is_some_and(|hinted| hinted.what.contains("/nonexistent")));
        assert!(client.failures().unwrap().is_empty());
        client.stop().unwrap();
        assert!(connect(&place).unwrap().is_none());
    }

    #[test]
    fn a_taken_port_is_told_to_whoever_started_the_edge_and_a_dead_socket_is_no_edge() {
        let Some(program) = program() else { return };
        let (_root, place) = place();
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = connect_or_start(&place, &program, port).unwrap_err();
        let hinted = error.downcast_ref::<Hinted>().unwrap();
        assert!(hinted.what.contains(&format!("port {port} is already taken")), "{}", hinted.what);
        assert!(hinted.hint.is_some());
        drop(std::os::unix::net::UnixListener::bind(place.control_socket()).unwrap());
        assert!(connect(&place).unwrap().is_none());
        connect_or_start(&place, &program, free_port()).unwrap().stop().unwrap();
    }
}
