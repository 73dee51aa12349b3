//! A real X server with a VNC side.

use std::{
    fs,
    io::{BufRead, BufReader, ErrorKind, Write},
    path::Path,
    process::{Child, Command, Stdio},
};

use des::{
    Des,
    cipher::{BlockEncrypt, KeyInit},
};

use crate::desk::{VNC_PASSWORD, VNC_VIEW_PASSWORD};

pub(crate) struct Xvnc {
    process: Child,
    _number: DisplayNumber,
    /// Such as `:3`.
    pub(crate) display: String,
}

/// A display number of our own, by the lock file that X servers go by.
///
/// Xvnc's own search (`-displayfd` without a number) takes no lock, and can take over the socket of
/// a server that it does not notice.
struct DisplayNumber(u32);

impl DisplayNumber {
    /// High enough to stay out of the way of desktops, whose programs may look for a number likewise.
    const FIRST: u32 = 5000;
    const LAST: u32 = 5999;

    fn claim() -> Self {
        let number = (Self::FIRST..=Self::LAST).find(|&number| Self::try_lock(number));
        Self(number.expect("a free display number"))
    }

    fn try_lock(number: u32) -> bool {
        let mut lock = match fs::File::create_new(Self::lock(number)) {
            Ok(lock) => lock,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return false,
            Err(error) => panic!("/tmp cannot be written to: {error}"),
        };
        writeln!(lock, "{:>10}", std::process::id()).expect("written");
        let free = !Path::new(&Self::socket(number)).exists();
        if !free {
            fs::remove_file(Self::lock(number)).expect("our own lock");
        }
        free
    }

    fn lock(number: u32) -> String {
        format!("/tmp/.X{number}-lock")
    }

    fn socket(number: u32) -> String {
        format!("/tmp/.X11-unix/X{number}")
    }
}

impl Drop for DisplayNumber {
    fn drop(&mut self) {
        // A server that was killed leaves its socket behind; one that ended by itself does not.
        let _ = fs::remove_file(Self::socket(self.0));
        let _ = fs::remove_file(Self::lock(self.0));
    }
}

impl Xvnc {
    /// With its RFB socket at `folder/vnc`; ready when this returns.
    pub(crate) fn start(folder: &Path) -> Self {
        // The second password is the one to watch with.
        let passwords = [VNC_PASSWORD, VNC_VIEW_PASSWORD].map(obfuscate).concat();
        fs::write(folder.join("password"), passwords).expect("written");
        let number = DisplayNumber::claim();
        let display = format!(":{}", number.0);
        let mut process = Command::new("Xvnc")
            .arg(&display)
            .args(["-displayfd", "1"])
            .args(["-geometry", "320x200", "-depth", "24"])
            .args(["-SecurityTypes", "VncAuth", "-PasswordFile"])
            .arg(folder.join("password"))
            .args(["-rfbport", "-1", "-rfbunixpath"])
            .arg(folder.join("vnc"))
            .args(["-nolisten", "tcp", "-nolisten", "local"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvnc is installed (tigervnc-standalone-server)");
        let stdout = process.stdout.take().expect("piped");
        let mut line = String::new();
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("readable");
        assert_eq!(line.trim(), &display[1..], "Xvnc is not ready");
        Self {
            process,
            _number: number,
            display,
        }
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
