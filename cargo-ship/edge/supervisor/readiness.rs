//! Whether a slot's process is ready: asked until it answers twice.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use factory::storage::http::{Answer, ask};
use factory::types::intent::Http;

use crate::edge::plan::SlotSpec;

const PAUSE: Duration = Duration::from_millis(25);
const ONE_ANSWER: Duration = Duration::from_secs(2);

/// Wait until ready or the deadline; `None` once cancelled.
pub fn wait(spec: &SlotSpec, port: u16, cancelled: &AtomicBool) -> Option<Result<(), String>> {
    let deadline = Instant::now() + Duration::from_millis(spec.ready_ms);
    let mut in_a_row = 0;
    loop {
        if cancelled.load(Ordering::Relaxed) {
            return None;
        }
        let seen = match &spec.health {
            Some(path) => healthy(port, path, ONE_ANSWER),
            None => accepts(port),
        };
        in_a_row = if seen.is_ok() { in_a_row + 1 } else { 0 };
        if in_a_row == 2 {
            return Some(Ok(()));
        }
        match seen {
            Err(reason) if Instant::now() >= deadline => {
                return Some(Err(format!("not ready within {} ms: {reason}", spec.ready_ms)));
            }
            _ => std::thread::sleep(PAUSE),
        }
    }
}

/// Whether the health path answers below 400.
pub fn healthy(port: u16, path: &str, timeout: Duration) -> Result<(), String> {
    let answer = get(port, path, timeout)?;
    if answer.status < 400 { Ok(()) } else { Err(format!("{path} answers {}", answer.status)) }
}

fn get(port: u16, path: &str, timeout: Duration) -> Result<Answer, String> {
    let request = Http {
        method: "GET".into(),
        path: path.into(),
        status: 200,
        headers: Default::default(),
        body: None,
        contains: None,
        schema: None,
    };
    ask(&format!("http://127.0.0.1:{port}"), &request, None, timeout).map_err(|error| format!("{error:#}"))
}

/// Whether a connection is accepted.
pub fn accepts(port: u16) -> Result<(), String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    match TcpStream::connect_timeout(&address, ONE_ANSWER) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!(
            "nothing listens on PORT {port} ({error}); a service that takes its port as an argument gets it by \
             {{port}} in [ship] run"
        )),
    }
}
