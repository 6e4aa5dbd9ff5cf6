//! What supervisor and worker say to each other on the worker's socket, and the supervisor's end of it.

use std::io::{BufReader, Read};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::descriptors;
use super::protocol::{self, Failure};
use crate::canary::counts::{Bucket, Counts};
use crate::canary::latency::{Bars, Took};
use crate::canary::promises::Caps;

/// How long the worker may take to answer before it is taken for lost.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where a slot listens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Route {
    pub port: u16,
    pub release: String,
    pub answer_ms: u64,
}

/// What the worker is told; each order is answered with a [`Report`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Order {
    /// From the next request on: these slots, this weight, counted in this bucket; slow is what passes the bars.
    Routes {
        epoch: u64,
        bucket: u64,
        stable: Option<Route>,
        canary: Option<Route>,
        weight: u8,
        bars: Option<Bars>,
        /// What takes longer than these is counted as well.
        #[serde(default)]
        caps: Caps,
        /// Where clients stay with their slot.
        #[serde(default)]
        sticky: Option<StickyTerms>,
    },
    /// Say what was counted; with a number, count in that bucket from now on.
    Tick { bucket: Option<u64>, bars: Option<Bars> },
    /// Hand over a copy of the listener, beside the report. Only for a worker that [`Report::heeds`].
    Listener {},
    /// Another worker has taken over: take no more connections, finish what is in flight, and exit.
    Retire {},
    /// Finish what is in flight, soon, and exit.
    Exit {},
}

impl Order {
    /// The same for a worker that was replaced, which counts in buckets of its own. `None`: not for it.
    pub fn for_retired(&self, place: u64) -> Option<Self> {
        let mut order = self.clone();
        match &mut order {
            Self::Routes { bucket, .. } | Self::Tick { bucket: Some(bucket), .. } => *bucket += place,
            Self::Tick { bucket: None, .. } => {}
            Self::Retire {} | Self::Exit {} | Self::Listener {} => return None,
        }
        Some(order)
    }
}

/// How clients are told apart and drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StickyTerms {
    /// 64 bytes, hexadecimal: what cookies are signed with.
    pub key: String,
    /// Names the plan: each draws anew.
    pub plan: u64,
}

/// What one bucket counted so far. The last report of a bucket stands.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    pub bucket: u64,
    pub epoch: u64,
    /// The canary's weight, as it was drawn with.
    pub percent: u8,
    pub stable: Counts,
    pub canary: Counts,
}

impl Counted {
    pub fn counts(&self) -> Bucket {
        Bucket { percent: self.percent, stable: self.stable, canary: self.canary }
    }
}

/// Requests that a slot has not finished.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InFlight {
    pub port: u16,
    pub requests: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub pid: u32,
    /// It obeys an order that has arrived before it gives the canary another request, and hands over its
    /// listener. Workers of the first version do neither.
    #[serde(default)]
    pub heeds: bool,
    pub weight: u8,
    pub epoch: u64,
    /// Those that changed since the last report.
    pub buckets: Vec<Counted>,
    /// Those since the last report.
    pub failures: Vec<Failure>,
    pub in_flight: Vec<InFlight>,
    /// Where the bars would be that are not set yet; `None` while stable was measured too little.
    #[serde(default)]
    pub measured: Option<Bars>,
    /// How long answers took, while a canary gets requests.
    #[serde(default)]
    pub took: Option<BothTook>,
    /// A few of the safe requests stable answered since the last report.
    #[serde(default)]
    pub samples: Vec<Sample>,
}

/// How long the answers of both slots took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BothTook {
    pub stable: Option<Took>,
    pub canary: Option<Took>,
}

/// A request that may be asked again: `GET` or `HEAD`, without anything that lets somebody in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    pub method: String,
    /// With its query.
    pub path: String,
    /// Those that choose between answers: `accept` and `accept-language`.
    pub headers: Vec<(String, String)>,
}

impl Report {
    pub fn in_flight(&self, port: u16) -> usize {
        self.in_flight.iter().filter(|slot| slot.port == port).map(|slot| slot.requests).sum()
    }
}

impl Report {
    /// Take in what a worker that was replaced reports beside it.
    pub fn join(&mut self, retired: Self) {
        self.heeds &= retired.heeds;
        self.buckets.extend(retired.buckets);
        self.failures.extend(retired.failures);
        self.in_flight.extend(retired.in_flight);
    }
}

/// The supervisor's connection. The worker takes the canary to 0 when it is lost.
pub struct Link {
    stream: BufReader<UnixStream>,
}

impl Link {
    pub fn connect(socket: &Path) -> Result<Self> {
        let stream = UnixStream::connect(socket).with_context(|| socket.display().to_string())?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Give an order. A worker that [`Report::heeds`] gives no request to a canary from here on before it has
    /// obeyed, whatever else it is busy with.
    pub fn tell(&mut self, order: &Order) -> Result<()> {
        protocol::write(self.stream.get_ref(), order)
    }

    /// The report on the order given last.
    pub fn report(&mut self) -> Result<Report> {
        let line = protocol::read_line(&mut self.stream)?.context("the worker closed the connection")?;
        serde_json::from_slice(&line).context("the worker's report")
    }

    pub fn order(&mut self, order: &Order) -> Result<Report> {
        self.tell(order)?;
        self.report()
    }

    /// A copy of the worker's listener.
    pub fn listener(&mut self) -> Result<TcpListener> {
        self.tell(&Order::Listener {})?;
        // It comes with the report's first bytes; nothing of a report is buffered before.
        let (bytes, given) = descriptors::received(self.stream.get_ref())?;
        let mut line = std::io::Cursor::new(bytes).chain(&mut self.stream);
        protocol::read_line(&mut line)?.context("the worker closed the connection")?;
        Ok(TcpListener::from(given.context("the worker handed over no listener")?))
    }
}
