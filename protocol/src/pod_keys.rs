//! What is in the Secret of a session in a cluster: the controller makes it, the session's Pod has it as
//! a folder, and gateways read it.

use crate::SessionId;

/// The name of a session's Secret.
#[must_use]
pub fn secret_name(session: &SessionId) -> String {
    format!("{session}-keys")
}

/// A key of the Secret, and the file of that name where it is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFile {
    /// PEM; of nobody's authority.
    Certificate,
    /// PEM.
    PrivateKey,
    /// Proves to the streamer that the gateway is calling.
    Streamer,
    /// VNC authentication's password.
    Vnc,
    /// With this one the X server lets a VNC client look but not touch.
    VncView,
}

impl KeyFile {
    pub const ALL: [Self; 5] = [
        Self::Certificate,
        Self::PrivateKey,
        Self::Streamer,
        Self::Vnc,
        Self::VncView,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Certificate => "tls.crt",
            Self::PrivateKey => "tls.key",
            Self::Streamer => "streamer-key",
            Self::Vnc => "vnc-password",
            Self::VncView => "vnc-view-password",
        }
    }
}
