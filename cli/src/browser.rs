//! Opening an address in the person's browser.

use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    process::{Command, Stdio},
};

use streamspace_protocol::Secret;

use crate::{failure::Failure, output::print_warning};

/// Opens an address that signs in.
///
/// Everybody on the machine can read a command line, so the browser is given the name of a file,
/// which only this user can read, and which leads on to the address.
pub(crate) fn open(data: &Path, address: &Secret) -> Result<(), Failure> {
    let file = data.join("open.html");
    let page = format!(
        "<!doctype html><meta http-equiv=\"refresh\" content=\"0; url={}\">\n",
        address.expose()
    );
    write_private(&file, &page)
        .map_err(|error| Failure::storage(&file.display().to_string(), &error))?;
    let started = Command::new("xdg-open")
        .arg(&file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    match started {
        // Waited for, so that it does not stay a zombie; the browser is a process of its own.
        Ok(mut opener) => drop(std::thread::spawn(move || opener.wait())),
        Err(error) => print_warning(&format!("no browser could be opened: {error}")),
    }
    Ok(())
}

fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let options = fs::OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .clone();
    options.open(file)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_file_with_the_token_is_for_its_owner_only_and_written_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("open.html");
        for text in ["first", "second"] {
            write_private(&file, text).expect("written");
            assert_eq!(fs::read_to_string(&file).expect("read"), text);
            let mode = fs::metadata(&file).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
