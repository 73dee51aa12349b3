//! Picking a display number that nobody else uses.

use std::{
    fs, io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use crate::leftovers::{DisplayClaim, display_lock, display_socket};

/// Lower numbers are left to the desktops of this machine, some of which insist on theirs.
const FIRST: u32 = 10;
const LAST: u32 = 9999;

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
    let draft = PathBuf::from(format!("/tmp/.streamspace-{owner}-lock"));
    write_draft(&draft, owner)?;
    let claimed = (FIRST..=LAST).find_map(|number| try_claim(&draft, number).transpose());
    fs::remove_file(&draft)?;
    let number =
        claimed.unwrap_or_else(|| Err(io::Error::other("all display numbers are taken")))?;
    Ok(DisplayClaim { number, owner })
}

fn write_draft(draft: &Path, owner: u32) -> io::Result<()> {
    use io::Write;
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o444)
        .open(draft)?;
    writeln!(file, "{owner:>10}")
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
