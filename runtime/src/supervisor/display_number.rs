//! Picking a display number that nobody else uses.

use std::{
    fs, io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use crate::{
    leftovers::{DisplayClaim, display_lock, display_socket},
    secrets,
};

/// Lower numbers are left to the desktops of this machine, some of which insist on theirs.
const FIRST: u32 = 10;
const LAST: u32 = 9999;

/// Names are random, so a second try is never needed but where someone is at work.
const DRAFT_TRIES: u32 = 20;

/// Claims a display number in the way of X servers, by the lock file `/tmp/.XN-lock` with the
/// process id of its owner.
///
/// Xvnc's own search (`-displayfd` without a number) must not be used: it takes no lock, and with
/// TCP and abstract sockets off it does not notice other servers either, and takes over the socket
/// of display 0. A lock or socket that a dead server left is passed over, because two who took it
/// over at once could both believe to have it.
///
/// # Errors
/// `/tmp` cannot be written to, or every number is taken.
pub(super) fn claim() -> io::Result<DisplayClaim> {
    let owner = std::process::id();
    let draft = write_draft(owner, || {
        format!("/tmp/.streamspace-{}-lock", secrets::file_suffix()).into()
    })?;
    let claimed = (FIRST..=LAST).find_map(|number| try_claim(&draft, number).transpose());
    fs::remove_file(&draft)?;
    let number =
        claimed.unwrap_or_else(|| Err(io::Error::other("all display numbers are taken")))?;
    Ok(DisplayClaim { number, owner })
}

/// Claims this number, in a container that has no other X server: what is there of one is of a former life
/// of the container, whose files a volume has kept.
///
/// # Errors
/// `/tmp` cannot be written to.
pub(super) fn take_over(number: u32) -> io::Result<DisplayClaim> {
    let owner = std::process::id();
    for file in [display_lock(number), display_socket(number)] {
        match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    fs::write(display_lock(number), format!("{owner:>10}\n"))?;
    Ok(DisplayClaim { number, owner })
}

/// Under a name that nobody can foresee: in a folder that all users write to, someone else could
/// have taken it.
fn write_draft(owner: u32, mut name: impl FnMut() -> PathBuf) -> io::Result<PathBuf> {
    use io::Write;
    let mut tries = 0;
    loop {
        let draft = name();
        let created = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o444)
            .open(&draft);
        match created {
            Ok(mut file) => return writeln!(file, "{owner:>10}").map(|()| draft),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && tries < DRAFT_TRIES => {
                tries += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Linking is atomic and the content is there from the first moment.
fn try_claim(draft: &Path, number: u32) -> io::Result<Option<u32>> {
    let lock = display_lock(number);
    match fs::hard_link(draft, &lock) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
        Err(error) => return Err(error),
        Ok(()) => {}
    }
    if fs::exists(display_socket(number))? {
        fs::remove_file(lock)?;
        return Ok(None);
    }
    Ok(Some(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_whose_name_is_taken_gets_another_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let [taken, free] = ["taken", "free"].map(|name| folder.path().join(name));
        fs::write(&taken, "someone else's").expect("written");
        let mut names = [taken.clone(), free.clone()].into_iter();
        let draft = write_draft(42, || names.next().expect("a name")).expect("a draft");
        assert_eq!(draft, free);
        assert_eq!(fs::read_to_string(free).expect("text"), "        42\n");
        assert_eq!(fs::read_to_string(taken).expect("text"), "someone else's");
        assert!(write_draft(42, || draft.clone()).is_err());
    }

    #[test]
    fn no_number_is_claimed_twice() {
        let first = claim().expect("a number");
        let second = claim().expect("a number");
        assert_ne!(first, second);
        for claim in [first, second] {
            let lock = display_lock(claim.number);
            let owner = fs::read_to_string(&lock).expect("a lock");
            assert_eq!(owner, format!("{:>10}\n", std::process::id()));
            fs::remove_file(lock).expect("removed");
        }
    }
}
