//! The control socket: requests in, answers out, one thread a connection.

use std::io::BufReader;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::mpsc::{self, Sender};
use std::time::Instant;

use anyhow::{Context, Result};
use factory::types::hint::Hinted;
use serde_json::Value;

use super::{Answer, Message};
use crate::edge::protocol;

/// Listen, owner-only; whatever a dead supervisor left is in the way and goes.
pub fn listen(socket: &Path) -> Result<UnixListener> {
    let _ = std::fs::remove_file(socket);
    let listener = UnixListener::bind(socket).with_context(|| socket.display().to_string())?;
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

pub fn serve(listener: UnixListener, messages: Sender<Message>) {
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let messages = messages.clone();
            std::thread::spawn(move || {
                // A caller that goes away has nobody left to tell.
                let _ = converse(stream, &messages);
            });
        }
    });
}

fn converse(stream: UnixStream, messages: &Sender<Message>) -> Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(line) = protocol::read_line(&mut stream)? {
        // Dropped, and so seen by whoever waits for it, once the answer is written.
        let (_writing, written) = mpsc::channel();
        let result = match protocol::parse(&line) {
            Ok(request) => {
                let (to, answered) = mpsc::channel::<Result<Value, Hinted>>();
                let answer = Answer { to, written };
                if messages.send(Message::Asked { request, answer, at: Instant::now() }).is_err() {
                    break;
                }
                answered.recv().unwrap_or_else(|_| Err(Hinted::outside("the edge ended before it answered")))
            }
            Err(error) => Err(error),
        };
        protocol::write(stream.get_ref(), &protocol::answer(result))?;
    }
    Ok(())
}
