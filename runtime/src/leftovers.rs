//! What a session's processes leave on the machine when they cannot tidy up themselves.

use std::{
    collections::BTreeSet,
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use jiff::Timestamp;
use rustix::process::geteuid;

use crate::order::{Home, Order, file};

/// Everything outside processes that a session may leave behind.
#[derive(Debug, Clone)]
pub(crate) struct Leftovers {
    folder: PathBuf,
    scratch_home: Option<PathBuf>,
    display: Option<DisplayClaim>,
    /// When the session began.
    since: Timestamp,
}

/// A display number, and the process that holds its lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DisplayClaim {
    pub(crate) number: u32,
    pub(crate) owner: u32,
}

impl Leftovers {
    /// `display` as far as it is known; otherwise the record in the session's folder tells.
    pub(crate) fn of(order: &Order, display: Option<DisplayClaim>) -> Self {
        let scratch_home = match &order.home {
            Home::Scratch(folder) => Some(folder.clone()),
            Home::Kept(_) | Home::Mounted(_) | Home::Own => None,
        };
        Self {
            folder: order.folder.clone(),
            scratch_home,
            display,
            since: order.since,
        }
    }

    /// All of it but the home, for a session that is to be started again.
    pub(crate) fn but_home(self) -> Self {
        Self {
            scratch_home: None,
            ..self
        }
    }

    /// Of a session of which only the store still knows.
    pub(crate) fn at(folder: PathBuf, scratch_home: PathBuf, since: Timestamp) -> Self {
        Self {
            folder,
            scratch_home: Some(scratch_home),
            display: None,
            since,
        }
    }

    /// Removes all of it. `pids` are the session's processes, all ended by now.
    ///
    /// What cannot be removed is logged, and the rest is removed all the same.
    pub(crate) fn remove(&self, pids: &BTreeSet<u32>) {
        let recorded = || DisplayClaim::read(&self.folder.join(file::DISPLAY));
        if let Some(display) = self.display.or_else(recorded) {
            display.release();
        }
        remove_shared_memory(pids, self.since);
        remove_folder(&self.folder);
        if let Some(home) = &self.scratch_home {
            remove_folder(home);
        }
    }
}

/// The lock file of an X server.
pub(crate) fn display_lock(number: u32) -> PathBuf {
    format!("/tmp/.X{number}-lock").into()
}

/// The socket of an X server.
pub(crate) fn display_socket(number: u32) -> PathBuf {
    format!("/tmp/.X11-unix/X{number}").into()
}

impl DisplayClaim {
    /// Notes the claim for whoever has to clean up.
    pub(crate) fn write(self, record: &Path) -> io::Result<()> {
        fs::write(record, format!("{} {}\n", self.number, self.owner))
    }

    fn read(record: &Path) -> Option<Self> {
        let text = fs::read_to_string(record).ok()?;
        let (number, owner) = text.trim().split_once(' ')?;
        Some(Self {
            number: number.parse().ok()?,
            owner: owner.parse().ok()?,
        })
    }

    /// Removes the display's lock and socket, unless another server has taken the number over since
    /// (the lock holds the process id of its owner).
    fn release(self) {
        let lock = display_lock(self.number);
        let is_ours =
            fs::read_to_string(&lock).is_ok_and(|owner| owner.trim().parse() == Ok(self.owner));
        if is_ours {
            remove_file(&display_socket(self.number));
            remove_file(&lock);
        }
    }
}

/// Removes System V shared memory that nobody is attached to and that one of `pids` created.
///
/// Toolkits mark their segments for removal once the X server is attached; one that is killed
/// before leaves its segment for good. There is no safe call for this, hence `ipcrm`.
fn remove_shared_memory(pids: &BTreeSet<u32>, since: Timestamp) {
    let Ok(table) = fs::read_to_string("/proc/sysvipc/shm") else {
        return;
    };
    for segment in orphaned_segments(&table, pids, geteuid().as_raw(), since) {
        let removed = Command::new("ipcrm")
            .args(["-m", &segment])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if !removed.is_ok_and(|status| status.success()) {
            tracing::warn!(segment, "a shared memory segment is left behind");
        }
    }
}

/// Ids of `user`'s segments without attachments whose creator is one of `pids` (proc_sysvipc(5)).
///
/// A segment outlives its creator, whose process id then goes to another process: only one that was
/// made or changed `since` the session began can be the session's.
fn orphaned_segments(
    table: &str,
    pids: &BTreeSet<u32>,
    user: u32,
    since: Timestamp,
) -> Vec<String> {
    let mut lines = table.lines();
    let names: Vec<&str> = lines
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let column = |name| names.iter().position(|&other| other == name);
    let columns = ["shmid", "cpid", "nattch", "uid", "ctime"].map(column);
    let [
        Some(id),
        Some(creator),
        Some(attached),
        Some(owner),
        Some(changed),
    ] = columns
    else {
        return Vec::new();
    };
    lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|fields| {
            let number = |column: usize| fields.get(column)?.parse::<i64>().ok();
            number(attached) == Some(0)
                && number(owner) == Some(user.into())
                && number(changed).is_some_and(|second| second >= since.as_second())
                && number(creator)
                    .and_then(|pid| u32::try_from(pid).ok())
                    .is_some_and(|pid| pids.contains(&pid))
        })
        .filter_map(|fields| fields.get(id).map(|&id| id.to_owned()))
        .collect()
}

pub(crate) fn remove_folder(folder: &Path) {
    let removed = match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            open_up(folder);
            fs::remove_dir_all(folder)
        }
        other => other,
    };
    report(folder, removed);
}

/// Lets the owner into every folder of a tree, and remove what is there: some programs (Go, for its
/// modules) leave folders that nobody may write to. Links are not followed.
fn open_up(folder: &Path) {
    let mut unvisited = vec![folder.to_owned()];
    while let Some(folder) = unvisited.pop() {
        let Ok(metadata) = fs::symlink_metadata(&folder) else {
            continue;
        };
        if !metadata.is_dir() {
            continue;
        }
        let mode = metadata.permissions().mode() | 0o700;
        // What cannot be opened makes the removal fail, which is reported.
        let _ = fs::set_permissions(&folder, fs::Permissions::from_mode(mode));
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        unvisited.extend(entries.map(|entry| entry.path()));
    }
}

pub(crate) fn remove_file(file: &Path) {
    report(file, fs::remove_file(file));
}

fn report(path: &Path, result: io::Result<()>) {
    match result {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(path = %path.display(), %error, "left behind");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unused_segments_of_the_sessions_processes_user_and_time_are_removed() {
        let table =
            "       key      shmid perms                  size  cpid  lpid nattch   uid ctime
         0          1  1600                4096    10    10      0   7  2000
         0          2  1600                4096    10    10      1   7  2000
         0          3  1600                4096    11    11      0   7  2000
         0          4  1600                4096    10    10      0   8  2000
         0          5  1600                4096    10    10      0   7  1999";
        let since = Timestamp::from_millisecond(2_000_900).expect("a time");
        assert_eq!(orphaned_segments(table, &[10].into(), 7, since), ["1"]);
        assert!(orphaned_segments("", &[10].into(), 7, since).is_empty());
    }

    #[test]
    fn a_folder_that_may_not_be_written_to_is_removed_all_the_same() {
        let base = tempfile::tempdir().expect("a folder");
        let [home, elsewhere] = ["home", "elsewhere"].map(|name| base.path().join(name));
        let module = home.join("go/module");
        fs::create_dir_all(&module).expect("made");
        fs::create_dir(&elsewhere).expect("made");
        fs::write(module.join("file"), "text").expect("written");
        std::os::unix::fs::symlink(&elsewhere, home.join("link")).expect("linked");
        let mode = |folder: &Path| folder.metadata().expect("a folder").permissions().mode();
        for folder in [&module, &home, &elsewhere] {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o500)).expect("closed");
        }
        // For the superuser, who is never denied anything.
        open_up(&home);
        assert_eq!(mode(&module) & 0o777, 0o700);
        assert_eq!(mode(&elsewhere) & 0o777, 0o500);
        fs::set_permissions(&module, fs::Permissions::from_mode(0o500)).expect("closed");
        remove_folder(&home);
        assert!(!home.exists());
    }

    #[test]
    fn the_files_of_a_display_that_another_server_took_over_stay() {
        // Beyond what any X server picks by itself.
        let claim = |owner| DisplayClaim {
            number: 59871,
            owner,
        };
        let lock = display_lock(59871);
        fs::write(&lock, "      4242\n").expect("written");
        claim(4243).release();
        assert!(lock.exists());
        claim(4242).release();
        assert!(!lock.exists());
    }

    #[test]
    fn a_claim_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let record = folder.path().join("display");
        assert_eq!(DisplayClaim::read(&record), None);
        let claim = DisplayClaim {
            number: 10,
            owner: 4242,
        };
        claim.write(&record).expect("written");
        assert_eq!(DisplayClaim::read(&record), Some(claim));
        fs::write(&record, "nonsense").expect("written");
        assert_eq!(DisplayClaim::read(&record), None);
    }
}
