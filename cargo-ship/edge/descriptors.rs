//! An open file handed from one process to another over a Unix socket (`SCM_RIGHTS`).

use std::io::{IoSlice, IoSliceMut, Result};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};

/// Send bytes, at least one of them, with a copy of `given`; how many of them were sent.
pub fn send(socket: impl AsFd, bytes: &[u8], given: impl AsFd) -> Result<usize> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut beside = SendAncillaryBuffer::new(&mut space);
    let given = [given.as_fd()];
    // There is room for one.
    beside.push(SendAncillaryMessage::ScmRights(&given));
    Ok(sendmsg(socket, &[IoSlice::new(bytes)], &mut beside, SendFlags::empty())?)
}

/// Slots and workers that are started later must not inherit what comes, nor those that are started meanwhile.
#[cfg(target_os = "linux")]
const FLAGS: RecvFlags = RecvFlags::CMSG_CLOEXEC;
#[cfg(not(target_os = "linux"))]
const FLAGS: RecvFlags = RecvFlags::empty();

/// The next bytes, and the file that came with them.
pub fn received(socket: impl AsFd) -> Result<(Vec<u8>, Option<OwnedFd>)> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut beside = RecvAncillaryBuffer::new(&mut space);
    let mut bytes = vec![0; 4096];
    let read = recvmsg(socket, &mut [IoSliceMut::new(&mut bytes)], &mut beside, FLAGS)?.bytes;
    bytes.truncate(read);
    let mut given = beside.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut files) => files.next(),
        _ => None,
    });
    let first = given.next();
    drop(given);
    if let Some(file) = &first {
        // For systems that do not know it as a flag.
        rustix::io::fcntl_setfd(file, rustix::io::FdFlags::CLOEXEC)?;
    }
    Ok((bytes, first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    #[test]
    fn a_listener_that_was_handed_over_is_the_same_one() {
        let (here, there) = UnixStream::pair().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        assert_eq!(send(&here, b"one\n", &listener).unwrap(), 4);
        let (bytes, given) = received(&there).unwrap();
        let given = std::net::TcpListener::from(given.unwrap());
        assert_eq!(
            (bytes.as_slice(), given.local_addr().unwrap()),
            (b"one\n".as_slice(), listener.local_addr().unwrap())
        );
        send(&here, b"x", &listener).unwrap();
        std::io::Write::write_all(&mut &here, b"yz").unwrap();
        assert!(received(&there).unwrap().1.is_some());
    }
}
