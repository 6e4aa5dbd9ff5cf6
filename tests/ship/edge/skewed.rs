//! Supervisors and workers that did not begin together: adopted ones, and ones of another version.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::driver::{Edge, alive, kill};
use crate::support::wait_for;

#[test]
fn a_supervisor_that_adopted_its_worker_can_replace_it_and_keeps_its_port_when_the_worker_is_killed() {
    let mut edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let load = edge.load("/");
    let adopted = edge.status()["worker"].as_u64().unwrap();
    edge.kill_supervisor();
    edge.start_supervisor();
    assert_eq!(edge.status()["worker"].as_u64(), Some(adopted));
    edge.replace_worker();
    assert_ne!(edge.status()["worker"].as_u64(), Some(adopted));
    wait_for("the worker before to end", 20, || (!alive(adopted)).then_some(()));
    assert_eq!((edge.get("/"), load.failed()), ((200, "hello from r1".into()), 0));
    drop(load);
    // A copy of the listener waits with whoever connects: nobody is refused, and no other program gets the port.
    edge.kill_supervisor();
    edge.start_supervisor();
    let worker = edge.status()["worker"].as_u64().unwrap();
    kill(worker, "-KILL");
    for _ in 0..20 {
        assert!(std::net::TcpStream::connect(("127.0.0.1", edge.port)).is_ok());
    }
    wait_for("another worker", 15, || (edge.get("/").0 == 200).then_some(()));
}

/// When a process started, as the kernel counts it.
fn started(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(19).map(str::to_owned)
}

/// A worker as the first version was: it reports without what came later, and breaks off at an order that it
/// does not know.
struct OldWorker {
    process: Child,
    orders: Arc<Mutex<Vec<Value>>>,
}

impl OldWorker {
    fn listen(socket: PathBuf) -> Self {
        let _ = std::fs::remove_file(&socket);
        let listener = UnixListener::bind(socket).unwrap();
        let process = Command::new("sleep").arg("1000").spawn().unwrap();
        let orders = Arc::new(Mutex::new(Vec::new()));
        let (pid, told) = (u64::from(process.id()), Arc::clone(&orders));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(&mut BufReader::new(stream), pid, &told);
            }
        });
        Self { process, orders }
    }

    fn told(&self) -> Vec<Value> {
        self.orders.lock().unwrap().clone()
    }
}

fn serve(stream: &mut BufReader<std::os::unix::net::UnixStream>, pid: u64, told: &Mutex<Vec<Value>>) {
    let (mut routes, mut line) = (json!({"epoch": 0, "bucket": 0, "weight": 0}), String::new());
    while stream.read_line(&mut line).is_ok_and(|count| count > 0) {
        let order: Value = serde_json::from_str(&line).unwrap();
        line.clear();
        told.lock().unwrap().push(order.clone());
        let mut buckets = json!([]);
        match order["do"].as_str().unwrap() {
            "routes" => routes = order,
            "tick" if routes["weight"] != 0 => {
                let bad = json!({"requests": 20, "ok": 0, "failed": 20});
                let good = json!({"requests": 20, "ok": 20, "failed": 0});
                buckets = json!([{"bucket": routes["bucket"], "epoch": routes["epoch"],
                    "percent": routes["weight"], "stable": good, "canary": bad}]);
            }
            "tick" => {}
            "exit" => kill(pid, "-KILL"),
            _ => return,
        }
        let report = json!({"v": 1, "pid": pid, "weight": routes["weight"], "epoch": routes["epoch"],
            "buckets": buckets, "failures": [], "in_flight": []});
        if stream.get_mut().write_all(format!("{report}\n").as_bytes()).is_err() {
            return;
        }
    }
}

#[test]
fn the_counts_of_an_older_worker_decide_and_it_is_asked_for_nothing_it_does_not_know() {
    let mut edge = Edge::start();
    edge.start_stable("r1", json!({}));
    let mut plan = edge.plan("r2", json!({}));
    (plan["min_ms"], plan["max_ms"]) = (json!(600_000), json!(600_000));
    edge.canary(plan);
    edge.wait_phase(&["weighing"]);
    let worker = edge.status()["worker"].as_u64().unwrap();
    edge.kill_supervisor();
    kill(worker, "-KILL");
    let sockets = std::fs::read_dir(edge.dir().parent().unwrap().join("s")).unwrap();
    let socket = sockets
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.to_string_lossy().ends_with("worker.sock"));
    let mut old = OldWorker::listen(socket.unwrap());
    let Some(started) = started(old.process.id()) else {
        old.process.kill().unwrap();
        return eprintln!("SKIPPED: when a process started is not in /proc");
    };
    let path = edge.dir().join("state.json");
    let mut state: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    state["worker"] = json!({"pid": old.process.id(), "started": started});
    std::fs::write(&path, state.to_string()).unwrap();
    edge.start_supervisor();
    let ended = edge.wait_phase(&["rolled-back"]);
    assert_eq!((&ended["canary"]["failed"], &ended["stable"]["ok"]), (&json!(20), &json!(20)), "{ended}");
    let record = edge.journal().into_iter().rfind(|record| record["op"] == "rolled-back").unwrap();
    // It may give the canary a request until it has reported, and nothing else is claimed.
    assert!(record["stopped_us"].is_null() && record["obeyed_us"].is_u64(), "{record}");
    assert!(old.told().iter().all(|order| order["do"] != "listener"));
    let refused = edge.refused(json!({"v": 1, "do": "replace-worker"}));
    assert!(refused.contains("of an earlier version"), "{refused}");
    assert_eq!(edge.status()["worker"].as_u64(), Some(u64::from(old.process.id())));
    edge.ask(json!({"v": 1, "do": "stop", "what": "all"}));
    old.process.wait().unwrap();
}
