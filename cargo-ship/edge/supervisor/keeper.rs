//! The worker as the supervisor keeps it: started with the listener, adopted, started again when lost.

use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use factory::types::hint::Hinted;

use super::logs;
use crate::edge::link::{Link, Order, Report};
use crate::edge::place::Place;
use crate::edge::processes::{self, Identity, Process};

/// How long a new worker may take to listen, and a port to become free.
const PATIENCE: Duration = Duration::from_secs(10);

pub struct Keeper {
    place: Place,
    port: u16,
    /// Not ours where the worker was adopted: then it is the worker's alone.
    listener: Option<TcpListener>,
    process: Option<Process>,
    link: Option<Link>,
    /// Workers that were replaced and finish what they had.
    retired: Vec<Retired>,
    /// Reports of those that came while there was none of the worker to join.
    waiting: Vec<Report>,
    lost: u32,
    not_before: Instant,
    /// The worker obeys what has arrived before it gives a canary another request.
    heeds: bool,
    /// When all workers had the last order.
    pub told_at: Option<Instant>,
}

struct Retired {
    process: Process,
    /// Closed where it did not answer: it then takes the canary to 0 by itself.
    link: Option<Link>,
}

/// Workers that may finish beside the one that serves.
pub const MOST_RETIRED: usize = 7;

impl Keeper {
    /// Adopt the worker an earlier supervisor left, or listen and start one.
    pub fn begin(place: &Place, port: u16, left: Option<Identity>, same_port: bool) -> Result<(Self, bool)> {
        let mut keeper = Self {
            place: place.clone(),
            port,
            listener: None,
            process: None,
            link: None,
            retired: Vec::new(),
            waiting: Vec::new(),
            lost: 0,
            not_before: Instant::now(),
            heeds: false,
            told_at: None,
        };
        if let Some(process) = left.and_then(Process::adopt) {
            if same_port && let Ok(link) = Link::connect(&place.worker_socket()) {
                (keeper.process, keeper.link) = (Some(process), Some(link));
                return Ok((keeper, true));
            }
            process.end(None, Duration::from_secs(2));
        }
        keeper.listener = Some(listen(port)?);
        keeper.start()?;
        Ok((keeper, false))
    }

    pub fn identity(&self) -> Option<Identity> {
        self.process.as_ref().map(|process| process.identity.clone())
    }

    fn start(&mut self) -> Result<()> {
        let listener = match &self.listener {
            Some(listener) => listener,
            None => self.listener.insert(listen_soon(self.port)?),
        };
        let given = OwnedFd::from(listener.try_clone().context("the listener cannot be given away")?);
        let log = logs::open(&self.place.log("worker"))?;
        let mut command = processes::own_program()?;
        command
            .arg("edge-worker")
            .arg("--dir")
            .arg(&self.place.dir)
            .arg("--sockets")
            .arg(&self.place.sockets)
            .current_dir(&self.place.dir)
            .stdin(Stdio::from(given))
            .stdout(Stdio::from(log.try_clone()?))
            .stderr(Stdio::from(log));
        // The socket of the worker before must not be taken for this one's.
        let _ = std::fs::remove_file(self.place.worker_socket());
        let process = self.process.insert(Process::spawn(&mut command).context("the edge's worker")?);
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Ok(link) = Link::connect(&self.place.worker_socket()) {
                self.link = Some(link);
                return Ok(());
            }
            if let Some(ended) = process.ended() {
                let tail = logs::tail(&self.place.log("worker"), 600);
                return Err(Hinted::outside(format!("the edge's worker ended: {ended}: {tail}")).into());
            }
            anyhow::ensure!(Instant::now() < deadline, "the edge's worker does not listen");
            std::thread::sleep(Duration::from_millis(3));
        }
    }

    /// Tell the worker; `None` where it is lost, and [`Keeper::restart`] is due.
    pub fn order(&mut self, order: &Order) -> Option<Report> {
        self.told_at = None;
        let told = self.link.as_mut().map(|link| link.tell(order));
        // Those that were replaced may still give requests to a canary: all are told, then all are heard.
        let retired = self.tell_retired(order);
        self.told_at = Some(Instant::now());
        let heard = match (told, &mut self.link) {
            (Some(Ok(())), Some(link)) => link.report().ok(),
            _ => None,
        };
        match &heard {
            Some(report) => self.heeds = report.heeds,
            None => self.link = None,
        }
        let theirs = self.hear_retired(retired);
        self.waiting.extend(theirs);
        let mut report = heard?;
        self.waiting.drain(..).for_each(|theirs| report.join(theirs));
        Some(report)
    }

    /// For each worker that was replaced, whether it was told; `None` where the order is not for it.
    fn tell_retired(&mut self, order: &Order) -> Vec<Option<bool>> {
        let told = |(place, retired): (u64, &mut Retired)| {
            let order = order.for_retired(place)?;
            Some(retired.link.as_mut().is_some_and(|link| link.tell(&order).is_ok()))
        };
        (1..).zip(&mut self.retired).map(told).collect()
    }

    fn hear_retired(&mut self, told: Vec<Option<bool>>) -> Vec<Report> {
        let (mut told, mut reports) = (told.into_iter(), Vec::new());
        // One that has finished closed its link, and is forgotten.
        self.retired.retain_mut(|retired| {
            let Some(told) = told.next().flatten() else { return true };
            match retired.link.as_mut().filter(|_| told).map(Link::report) {
                Some(Ok(report)) => {
                    reports.push(report);
                    true
                }
                _ => {
                    retired.link = None;
                    retired.process.ended().is_none()
                }
            }
        });
        reports
    }

    /// Take a copy of the listener from a worker that was adopted with it, where it knows how to hand it over.
    pub fn take_listener(&mut self) -> Result<()> {
        let Some(link) = self.link.as_mut().filter(|_| self.heeds && self.listener.is_none()) else {
            return Ok(());
        };
        match link.listener() {
            Ok(listener) => self.listener = Some(listener),
            Err(error) => {
                self.link = None;
                return Err(error.context("the listener of the adopted worker"));
            }
        }
        Ok(())
    }

    /// Start a worker beside the one there is, which goes on until [`Keeper::retire`].
    pub fn replace(&mut self) -> Result<(), Hinted> {
        self.retired.retain_mut(|retired| retired.process.ended().is_none());
        if self.retired.len() >= MOST_RETIRED {
            return Err(Hinted::busy(format!("{MOST_RETIRED} replaced workers still finish their requests")));
        }
        if self.listener.is_none() {
            return Err(Hinted::usage(
                "the worker was adopted from an edge of an earlier version, and alone holds the listener",
            )
            .hint("`cargo ship stop` and `cargo ship start` make it anew"));
        }
        let before = (self.process.take(), self.link.take());
        match (self.start(), before) {
            (Ok(()), (Some(process), link @ Some(_))) => self.retired.push(Retired { process, link }),
            // Nobody can tell it to take no more connections.
            (Ok(()), (Some(process), None)) => process.end(None, Duration::ZERO),
            (Ok(()), (None, _)) => {}
            (Err(error), before) => {
                if let Some(failed) = self.process.take() {
                    failed.end(None, Duration::ZERO);
                }
                (self.process, self.link) = before;
                return Err(super::slots::as_hinted(error));
            }
        }
        Ok(())
    }

    /// The new worker knows its routes: the one before takes no more connections.
    pub fn retire(&mut self) {
        if let Some(link) = self.retired.last_mut().and_then(|retired| retired.link.as_mut()) {
            // One that does not hear it is ended with the edge.
            let _ = link.order(&Order::Retire {});
        }
    }

    /// Notice that the process ended though nothing was asked of it.
    pub fn is_lost(&mut self) -> bool {
        if self.process.as_mut().is_none_or(|process| process.ended().is_some()) {
            self.link = None;
        }
        self.link.is_none() && Instant::now() >= self.not_before
    }

    /// Start a worker in the place of the lost one, ever more slowly while that fails.
    pub fn restart(&mut self) -> Result<()> {
        if let Some(process) = self.process.take() {
            process.end(None, Duration::ZERO);
        }
        let pause = if self.lost == 0 { 0 } else { 100u64 << self.lost.min(6) };
        self.lost += 1;
        self.not_before = Instant::now() + Duration::from_millis(pause);
        self.start()
    }

    /// The worker is well.
    pub fn steady(&mut self) {
        self.lost = 0;
    }

    /// Let it finish what is in flight, then end it.
    pub fn end(&mut self) {
        self.listener = None;
        let _ = self.order(&Order::Exit {});
        for retired in self.retired.drain(..) {
            retired.process.end(None, Duration::from_millis(500));
        }
        let Some(mut process) = self.process.take() else { return };
        let deadline = Instant::now() + PATIENCE;
        while process.ended().is_none() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        process.end(None, Duration::ZERO);
    }
}

fn listen(port: u16) -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
        if error.kind() != std::io::ErrorKind::AddrInUse {
            return Hinted::outside(format!("cannot listen on 127.0.0.1:{port}: {error}")).into();
        }
        let holder = processes::holder_of(port).map(|who| format!(" by {who}")).unwrap_or_default();
        Hinted::outside(format!("port {port} is already taken{holder}"))
            .hint("stop that program, or set another `port` under [environment.NAME] in factory.toml")
            .into()
    })
}

/// Listen on a port that a worker just left.
fn listen_soon(port: u16) -> Result<TcpListener> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match listen(port) {
            Err(_) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(20)),
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests;
