//! Both VNC handshakes, cut at a place that the first byte chooses: the cut makes no difference.
#![no_main]

use libfuzzer_sys::fuzz_target;
use streamspace_protocol::Secret;
use streamspace_signaling::rfb::{Accepting, Dialing, Progress};

fn outcome<E>(
    pieces: [&[u8]; 2],
    mut receive: impl FnMut(&[u8]) -> Result<Progress, E>,
) -> Result<Progress, E> {
    let mut whole = Progress::default();
    for piece in pieces {
        let progress = receive(piece)?;
        whole.send.extend(progress.send);
        if let Some(rest) = progress.rest {
            whole.rest.get_or_insert_default().extend(rest);
        }
    }
    Ok(whole)
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&at, stream)) = bytes.split_first() else {
        return;
    };
    let cut = stream.split_at(usize::from(at).min(stream.len()));
    for pieces in [[stream, &[]], [cut.0, cut.1]] {
        let mut dialing = Dialing::new(Secret::new("password"));
        let dialed = outcome(pieces, |piece| dialing.receive(piece));
        let mut dialing = Dialing::new(Secret::new("password"));
        assert_eq!(
            dialed,
            outcome([stream, &[]], |piece| dialing.receive(piece))
        );

        let (mut accepting, _) = Accepting::start();
        let accepted = outcome(pieces, |piece| accepting.receive(piece));
        let (mut accepting, _) = Accepting::start();
        assert_eq!(
            accepted,
            outcome([stream, &[]], |piece| accepting.receive(piece))
        );
    }
});
