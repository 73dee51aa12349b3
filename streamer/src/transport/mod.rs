//! WebRTC, behind an interface of our own: nothing outside this folder knows the library.

mod clipboard;
mod codecs;
mod connection;
mod flow;
mod formats;
#[cfg(test)]
mod hostile;
mod numbers;
mod payloads;
mod peer;
mod reports;
mod rtp;
mod sockets;
mod unreadable;

pub(crate) use clipboard::ClipboardChannel;
pub(crate) use flow::SentFrame;
pub(crate) use peer::{Peer, PeerClipboard, PeerError, PeerEvents, PeerMessage, PeerState};
pub(crate) use unreadable::watch as watch_unreadable_packets;
