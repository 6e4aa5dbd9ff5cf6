//! Orders to replaced workers, which may still give requests to a canary.

use std::io::BufReader;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;
use std::thread::JoinHandle;

use super::*;
use crate::edge::protocol;

/// A replaced worker that answers this many orders, and what it was told.
fn retired(dir: &Path, answers: usize) -> (Retired, JoinHandle<Vec<String>>) {
    let socket = dir.join(format!("w{answers}.sock"));
    let listener = UnixListener::bind(&socket).unwrap();
    let worker = std::thread::spawn(move || {
        let (mut stream, mut told) = (BufReader::new(listener.accept().unwrap().0), Vec::new());
        while let Ok(Some(line)) = protocol::read_line(&mut stream) {
            told.push(String::from_utf8(line).unwrap());
            if told.len() > answers {
                break;
            }
            protocol::write(stream.get_ref(), &Report { weight: 7, ..Report::default() }).unwrap();
        }
        told
    });
    let process = Process::spawn(Command::new("sleep").arg("1000")).unwrap();
    (Retired { process, link: Some(Link::connect(&socket).unwrap()) }, worker)
}

#[test]
fn replaced_workers_hear_an_order_also_while_the_serving_one_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::new(dir.path().join("edge"), dir.path().join("s")).unwrap();
    let ((steady, told), (silent, told_once)) = (retired(dir.path(), 9), retired(dir.path(), 0));
    let mut keeper = Keeper {
        place,
        port: 0,
        listener: None,
        process: None,
        link: None,
        retired: vec![steady, silent],
        waiting: Vec::new(),
        lost: 0,
        not_before: Instant::now(),
        heeds: true,
        told_at: None,
    };
    let order = Order::Tick { bucket: Some(10), bars: None };
    assert!(keeper.order(&order).is_none(), "the serving one is lost");
    assert_eq!(keeper.waiting.len(), 1, "what the others counted is kept");
    assert!(keeper.retired[0].link.is_some() && keeper.retired[1].link.is_none(), "a silent one is let go");
    assert!(keeper.order(&order).is_none());
    for retired in keeper.retired.drain(..) {
        retired.process.end(None, Duration::ZERO);
    }
    let told = told.join().unwrap();
    assert!(told.len() == 2 && told.iter().all(|line| line.contains("\"bucket\":11")), "{told:?}");
    assert_eq!(told_once.join().unwrap().len(), 1);
}
