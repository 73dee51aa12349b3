//! What a session's processes leave on the machine when they cannot tidy up themselves.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::order::{Home, Order, file};

/// Everything outside processes that a session may leave behind.
#[derive(Debug, Clone)]
pub(crate) struct Leftovers {
    folder: PathBuf,
    scratch_home: Option<PathBuf>,
}

impl Leftovers {
    pub(crate) fn of(order: &Order) -> Self {
        let scratch_home = match &order.program.home {
            Home::Scratch(folder) => Some(folder.clone()),
            Home::Kept(_) | Home::Own => None,
        };
        Self {
            folder: order.folder.clone(),
            scratch_home,
        }
    }

    /// Of a session of which only the store still knows.
    pub(crate) fn at(folder: PathBuf, scratch_home: PathBuf) -> Self {
        Self {
            folder,
            scratch_home: Some(scratch_home),
        }
    }

    /// Removes all of it. `pids` are the session's processes, all ended by now.
    ///
    /// What cannot be removed is logged, and the rest is removed all the same.
    pub(crate) fn remove(&self, pids: &BTreeSet<u32>) {
        if let Ok(record) = fs::read_to_string(self.folder.join(file::DISPLAY)) {
            remove_display_files(&record);
        }
        remove_shared_memory(pids);
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

/// The line that says which display a session has, and which process holds its lock.
pub(crate) fn display_record(number: u32, pid: u32) -> String {
    format!("{number} {pid}\n")
}

/// Removes the lock and the socket of the session's display, unless another server has taken the
/// number over since (the lock holds the process id of its owner).
fn remove_display_files(record: &str) {
    let mut words = record.split_whitespace().map(str::parse::<u32>);
    let (Some(Ok(number)), Some(Ok(pid))) = (words.next(), words.next()) else {
        return;
    };
    let lock = display_lock(number);
    let is_ours = fs::read_to_string(&lock).is_ok_and(|owner| owner.trim().parse() == Ok(pid));
    if is_ours {
        remove_file(&display_socket(number));
        remove_file(&lock);
    }
}

/// Removes System V shared memory that nobody is attached to and that one of `pids` created.
///
/// Toolkits mark their segments for removal once the X server is attached; one that is killed
/// before leaves its segment for good. There is no safe call for this, hence `ipcrm`.
fn remove_shared_memory(pids: &BTreeSet<u32>) {
    let Ok(table) = fs::read_to_string("/proc/sysvipc/shm") else {
        return;
    };
    for segment in orphaned_segments(&table, pids) {
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

/// Ids of the segments without attachments whose creator is one of `pids` (proc_sysvipc(5)).
fn orphaned_segments(table: &str, pids: &BTreeSet<u32>) -> Vec<String> {
    let mut lines = table.lines();
    let names: Vec<&str> = lines
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let column = |name| names.iter().position(|&other| other == name);
    let (Some(id), Some(creator), Some(attached)) =
        (column("shmid"), column("cpid"), column("nattch"))
    else {
        return Vec::new();
    };
    lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|fields| {
            let number = |column: usize| fields.get(column)?.parse::<u32>().ok();
            number(attached) == Some(0) && number(creator).is_some_and(|pid| pids.contains(&pid))
        })
        .filter_map(|fields| fields.get(id).map(|&id| id.to_owned()))
        .collect()
}

fn remove_folder(folder: &Path) {
    report(folder, fs::remove_dir_all(folder));
}

fn remove_file(file: &Path) {
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
    fn only_unused_segments_of_the_sessions_processes_are_removed() {
        let table = "       key      shmid perms                  size  cpid  lpid nattch   uid
         0          1  1600                4096    10    10      0     0
         0          2  1600                4096    10    10      1     0
         0          3  1600                4096    11    11      0     0";
        assert_eq!(orphaned_segments(table, &[10].into()), ["1"]);
        assert!(orphaned_segments("", &[10].into()).is_empty());
    }

    #[test]
    fn the_files_of_a_display_that_another_server_took_over_stay() {
        // Number 59871 is beyond what any X server picks by itself.
        let lock = Path::new("/tmp/.X59871-lock");
        fs::write(lock, "      4242\n").expect("written");
        remove_display_files(&display_record(59871, 4243));
        assert!(lock.exists());
        remove_display_files(&display_record(59871, 4242));
        assert!(!lock.exists());
        remove_display_files("nonsense");
    }
}
