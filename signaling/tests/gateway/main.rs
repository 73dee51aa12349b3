//! The gateway between real peers: WebSockets over TCP on one side, a streamer's protocol and a real
//! Xvnc over Unix sockets on the other.

mod clipboard;
mod desk;
mod signaling;
mod streamer;
mod turn;
mod turn_client;
mod vnc;
mod xvnc;
