//! WebRTC, behind an interface of our own: nothing outside this folder knows the library.

mod feedback;
mod peer;
mod rtp;

pub(crate) use peer::{Peer, PeerError, PeerEvents, PeerMessage, PeerState};
