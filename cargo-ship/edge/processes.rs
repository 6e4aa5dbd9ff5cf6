//! Processes of the edge: who they are beyond their number, and how all of one slot's are ended.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group, test_kill_process_group};
use serde::{Deserialize, Serialize};

/// The environment variable that marks every process of a slot.
pub const MARK: &str = "FACTORY_EDGE_SLOT";

/// How long a slot has between SIGTERM and SIGKILL.
pub const GRACE: Duration = Duration::from_secs(10);

/// A process that cannot be mistaken for a later one of the same number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub pid: u32,
    /// When it started, in whatever words the system has for it.
    pub started: String,
}

impl Identity {
    /// The process that has this number now.
    pub fn of(pid: u32) -> Option<Self> {
        started(pid).map(|started| Self { pid, started })
    }

    pub fn is_alive(&self) -> bool {
        started(self.pid).is_some_and(|now| now == self.started)
    }

    /// Send `signal` to this process alone.
    pub fn signal(&self, signal: Signal) {
        if let Some(pid) = as_pid(self.pid).filter(|_| self.is_alive()) {
            // It may be gone by now, which is what was wanted.
            let _ = kill_process(pid, signal);
        }
    }
}

fn as_pid(pid: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}

/// When the living process `pid` started; a zombie is not living.
#[cfg(target_os = "linux")]
fn started(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may itself hold spaces and parentheses.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?;
    (!matches!(state, "Z" | "X" | "x")).then(|| fields.nth(18).map(str::to_owned)).flatten()
}

#[cfg(not(target_os = "linux"))]
fn started(pid: u32) -> Option<String> {
    let pid = pid.to_string();
    let listed = Command::new("ps").args(["-o", "stat=,lstart=", "-p", &pid]).output().ok()?;
    let line = String::from_utf8_lossy(&listed.stdout).trim().to_owned();
    let (state, started) = line.split_once(' ')?;
    (!state.starts_with('Z')).then(|| started.trim().to_owned())
}

/// A process that is a child of ours, or was adopted from a supervisor before us.
#[derive(Debug)]
pub struct Process {
    pub identity: Identity,
    child: Option<Child>,
    /// Set once it is known to have ended.
    ended: Option<String>,
}

impl Process {
    pub fn spawn(command: &mut Command) -> std::io::Result<Self> {
        use std::os::unix::process::CommandExt;
        let mut child = command.process_group(0).spawn()?;
        let Some(identity) = Identity::of(child.id()) else {
            let ended = child.wait()?;
            return Err(std::io::Error::other(format!("it ended at once: {ended}")));
        };
        Ok(Self { identity, child: Some(child), ended: None })
    }

    pub fn adopt(identity: Identity) -> Option<Self> {
        identity.is_alive().then_some(Self { identity, child: None, ended: None })
    }

    /// How it ended, or `None` while it runs.
    pub fn ended(&mut self) -> Option<&str> {
        if self.ended.is_none() {
            self.ended = match &mut self.child {
                Some(child) => match child.try_wait() {
                    Ok(None) => None,
                    Ok(Some(status)) => Some(status.to_string()),
                    Err(error) => Some(format!("it cannot be waited for: {error}")),
                },
                None => (!self.identity.is_alive()).then(|| "its exit status is not known".to_owned()),
            };
        }
        self.ended.as_deref()
    }

    /// End the process, its group, and whatever carries `mark`: SIGTERM, then SIGKILL after `grace`.
    pub fn end(mut self, mark: Option<&str>, grace: Duration) {
        let deadline = Instant::now() + grace;
        self.signal_group(Signal::TERM);
        while self.is_any_alive() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        self.signal_group(Signal::KILL);
        if let Some(child) = &mut self.child {
            // Reap it; an error says that somebody else did.
            let _ = child.wait();
        }
        if let Some(mark) = mark {
            end_stragglers(mark, deadline.saturating_duration_since(Instant::now()));
        }
    }

    fn signal_group(&mut self, signal: Signal) {
        // A group whose leader is gone may live on, but a number that was given to another process must
        // not be signalled: the kernel gives no number away that still names a group.
        if let Some(pid) = as_pid(self.identity.pid)
            && (self.ended().is_none() || self.is_group_alive())
        {
            let _ = kill_process_group(pid, signal);
        }
    }

    fn is_group_alive(&self) -> bool {
        // As long as the leader is ours to reap or lives, the number is its.
        let ours = self.child.is_some() || self.identity.is_alive();
        ours && as_pid(self.identity.pid).is_some_and(|pid| test_kill_process_group(pid).is_ok())
    }

    fn is_any_alive(&mut self) -> bool {
        self.ended().is_none() || self.is_group_alive()
    }
}

/// End processes that left their group but still carry the mark.
pub fn end_stragglers(mark: &str, grace: Duration) {
    let deadline = Instant::now() + grace.min(Duration::from_secs(2));
    let find = || marked(mark).into_iter().map(|(straggler, _)| straggler).collect::<Vec<_>>();
    let found = find();
    found.iter().for_each(|straggler| straggler.signal(Signal::TERM));
    while found.iter().any(Identity::is_alive) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    // Looked up again: a straggler may have started another.
    find().iter().for_each(|straggler| straggler.signal(Signal::KILL));
}

/// Living processes whose mark begins with `mark`, with their whole mark. Without /proc none can be found.
pub fn marked(mark: &str) -> Vec<(Identity, String)> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let found = |pid: u32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).ok()?;
        let mut variables = environment.split(|byte| *byte == 0);
        let whole = variables.find_map(|variable| {
            let value = std::str::from_utf8(variable).ok()?.strip_prefix(MARK)?.strip_prefix('=')?;
            value.starts_with(mark).then(|| value.to_owned())
        })?;
        Some((Identity::of(pid)?, whole))
    };
    pids.filter(|pid| *pid != std::process::id()).filter_map(found).collect()
}

/// Who listens on a local port, in words, where the system tells.
pub fn holder_of(port: u16) -> Option<String> {
    let inode = listening_inode(port)?;
    let wanted = format!("socket:[{inode}]");
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let Ok(files) = std::fs::read_dir(entry.path().join("fd")) else { continue };
        let holds = |file: std::fs::DirEntry| {
            std::fs::read_link(file.path()).is_ok_and(|target| target.as_os_str() == wanted.as_str())
        };
        if files.flatten().any(holds) {
            let name = std::fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
            return Some(format!("{} (pid {pid})", name.trim()));
        }
    }
    None
}

fn listening_inode(port: u16) -> Option<String> {
    const LISTEN: &str = "0A";
    let wanted = format!(":{port:04X}");
    ["/proc/net/tcp", "/proc/net/tcp6"].iter().find_map(|table| {
        let rows = std::fs::read_to_string(table).ok()?;
        rows.lines().skip(1).find_map(|row| {
            let mut fields = row.split_ascii_whitespace();
            let local = fields.nth(1)?;
            let state = fields.nth(1)?;
            (local.ends_with(&wanted) && state == LISTEN).then(|| fields.nth(5).map(str::to_owned)).flatten()
        })
    })
}

/// The command that starts this very program again, also after its file was replaced.
pub fn own_program() -> std::io::Result<Command> {
    let mut command = if cfg!(target_os = "linux") {
        Command::new("/proc/self/exe")
    } else {
        Command::new(std::env::current_exe()?)
    };
    use std::os::unix::process::CommandExt;
    command.arg0("cargo-ship").stdin(Stdio::null());
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_the_process_and_not_its_number() {
        let me = Identity::of(std::process::id()).unwrap();
        assert!(me.is_alive());
        assert!(!Identity { started: "1".into(), ..me }.is_alive());
    }

    #[test]
    fn a_process_is_ended_with_its_group() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 100 & sleep 100"]).stdin(Stdio::null());
        let mut process = Process::spawn(&mut command).unwrap();
        assert_eq!(process.ended(), None);
        let group = as_pid(process.identity.pid).unwrap();
        process.end(None, Duration::from_secs(5));
        let gone = |_: &()| test_kill_process_group(group).is_err();
        assert!((0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            gone(&())
        }));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_holder_of_a_port_is_named() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let holder = holder_of(listener.local_addr().unwrap().port()).unwrap();
        assert!(holder.contains(&format!("pid {}", std::process::id())), "{holder}");
    }
}
