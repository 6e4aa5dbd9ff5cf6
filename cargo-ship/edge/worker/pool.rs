//! Connections to a slot's process: one request at a time on each, and those that are idle kept for a moment.
//!
//! Not hyper-util's client: that one makes a task and takes a lock for each request, parses the address it
//! is asked for and knows more protocols than a slot speaks; together a tenth of what a request costs here.

use std::cell::RefCell;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::bodies::Upload;

/// Idle connections to a slot are closed sooner than servers close theirs, so that none is met half closed.
const IDLE: Duration = Duration::from_secs(2);
/// How long a slot may take to take a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// A connection that has been asked, to be given back once it may be asked again.
pub type Connection = SendRequest<Upload>;

pub struct Pool {
    address: SocketAddr,
    /// Those given back latest are last.
    idle: RefCell<Vec<Idle>>,
}

struct Idle {
    connection: Connection,
    since: Instant,
}

/// Why there was no answer.
#[derive(Debug)]
pub enum NoAnswer {
    Refused(std::io::Error),
    NotTaken,
    Broken(hyper::Error),
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => write!(out, "it takes no connection: {error}"),
            Self::NotTaken => write!(out, "it took no connection within {} ms", CONNECT.as_millis()),
            Self::Broken(error) => {
                write!(out, "{error}")?;
                let mut source = std::error::Error::source(error);
                while let Some(cause) = source {
                    write!(out, ": {cause}")?;
                    source = cause.source();
                }
                Ok(())
            }
        }
    }
}

impl Pool {
    pub fn new(port: u16) -> Self {
        Self { address: (Ipv4Addr::LOCALHOST, port).into(), idle: RefCell::default() }
    }

    /// Send a request. One that found an idle connection closed before a byte was sent goes out on another;
    /// one that was sent is never sent again.
    pub async fn send(
        &self,
        mut request: Request<Upload>,
    ) -> Result<(Response<Incoming>, Connection), NoAnswer> {
        while let Some(mut connection) = self.take() {
            match connection.try_send_request(request).await {
                Ok(response) => return Ok((response, connection)),
                Err(mut failed) => match failed.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(NoAnswer::Broken(failed.into_error())),
                },
            }
        }
        let mut connection = self.connect().await?;
        let response = connection.send_request(request).await.map_err(NoAnswer::Broken)?;
        Ok((response, connection))
    }

    async fn connect(&self) -> Result<Connection, NoAnswer> {
        let connecting = tokio::time::timeout(CONNECT, TcpStream::connect(self.address));
        let stream = connecting.await.map_err(|_| NoAnswer::NotTaken)?.map_err(NoAnswer::Refused)?;
        // It only costs a little time where it is not set.
        let _ = stream.set_nodelay(true);
        let (connection, driver) = http1::handshake(TokioIo::new(stream)).await.map_err(NoAnswer::Broken)?;
        tokio::task::spawn_local(async move {
            // What broke is told to whoever waits for the answer.
            let _ = driver.with_upgrades().await;
        });
        Ok(connection)
    }

    /// Give back a connection whose answer has come to its end.
    pub fn give_back(&self, connection: Connection) {
        if !connection.is_closed() {
            self.idle.borrow_mut().push(Idle { connection, since: Instant::now() });
        }
    }

    /// The one that was used last: the others may grow old. One that has not seen the end of its last
    /// exchange yet is passed over.
    fn take(&self) -> Option<Connection> {
        let mut idle = self.idle.borrow_mut();
        let place = idle.iter().rposition(|idle| idle.connection.is_ready())?;
        let found = idle.remove(place);
        if found.since.elapsed() >= IDLE {
            idle.drain(..place);
            return None;
        }
        Some(found.connection)
    }

    /// Close those that were idle for long.
    pub fn sweep(&self) {
        let stays = |idle: &Idle| !idle.connection.is_closed() && idle.since.elapsed() < IDLE;
        self.idle.borrow_mut().retain(stays);
    }
}
