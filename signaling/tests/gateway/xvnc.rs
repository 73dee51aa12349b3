//! A real X server with a VNC side.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use des::{
    Des,
    cipher::{BlockEncrypt, KeyInit},
};

pub(crate) struct Xvnc {
    process: Child,
    /// Such as `:3`.
    pub(crate) display: String,
}

impl Xvnc {
    /// With its RFB socket at `folder/vnc`; ready when this returns.
    pub(crate) fn start(folder: &Path, password: &str) -> Self {
        fs::write(folder.join("password"), obfuscate(password)).expect("written");
        let mut process = Command::new("Xvnc")
            .args(["-displayfd", "1", "-geometry", "320x200", "-depth", "24"])
            .args(["-SecurityTypes", "VncAuth", "-PasswordFile"])
            .arg(folder.join("password"))
            .args(["-rfbport", "-1", "-rfbunixpath"])
            .arg(folder.join("vnc"))
            .args(["-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvnc is installed (tigervnc-standalone-server)");
        let stdout = process.stdout.take().expect("piped");
        let mut line = String::new();
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("readable");
        let display = format!(":{}", line.trim());
        assert_ne!(display, ":", "Xvnc ended before it was ready");
        Self { process, display }
    }
}

impl Drop for Xvnc {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What `vncpasswd -f` writes: the password under the key that all VNC programs know.
fn obfuscate(password: &str) -> [u8; 8] {
    let key = [23u8, 82, 107, 6, 35, 78, 88, 7].map(u8::reverse_bits);
    let mut block = [0; 8];
    for (to, from) in block.iter_mut().zip(password.bytes()) {
        *to = from;
    }
    Des::new(&key.into()).encrypt_block((&mut block).into());
    block
}
