//! Finding programs, and telling what a command line is about.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// The file that a name means: looked up in the folders of `path` (as in `PATH`), or, where it holds
/// a slash, taken from `directory`.
pub fn find_program(name: &str, path: &str, directory: &Path) -> Option<PathBuf> {
    let candidates: Vec<PathBuf> = if name.contains('/') {
        vec![directory.join(name)]
    } else {
        std::env::split_paths(path)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(name))
            .collect()
    };
    candidates.into_iter().find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    file.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// The programs a command line cannot do without: the first word and, where that only starts
/// another, that other (`dbus-run-session -- xfce4-session`, `sh -c 'exec chromium'`).
pub fn programs_named(argv: &[String]) -> Vec<&str> {
    let Some((first, rest)) = argv.split_first() else {
        return Vec::new();
    };
    let started = match base_name(first) {
        "dbus-run-session" => rest
            .iter()
            .skip_while(|word| *word != "--")
            .nth(1)
            .map(String::as_str),
        "sh" if rest.first().is_some_and(|word| word == "-c") => rest
            .get(1)
            .and_then(|script| script.strip_prefix("exec "))
            .and_then(|script| script.split_whitespace().next()),
        _ => None,
    };
    [Some(first.as_str()), started]
        .into_iter()
        .flatten()
        .collect()
}

/// Whether a command line starts a whole desktop, which brings its own window manager.
pub(crate) fn is_desktop(argv: &[String]) -> bool {
    const DESKTOPS: [&str; 22] = [
        "awesome",
        "budgie-desktop",
        "cinnamon-session",
        "enlightenment_start",
        "fluxbox",
        "gnome-session",
        "i3",
        "icewm",
        "icewm-session",
        "lxqt-session",
        "lxsession",
        "mate-session",
        "openbox",
        "openbox-session",
        "startkde",
        "startlxde",
        "startlxqt",
        "startplasma-x11",
        "startxfce4",
        "twm",
        "xfce4-session",
        "xfwm4",
    ];
    programs_named(argv)
        .into_iter()
        .any(|program| DESKTOPS.contains(&base_name(program)))
}

pub(crate) fn base_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argv(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn programs_are_found_on_the_path_or_where_they_are_said_to_be() {
        let anywhere = Path::new("/");
        let shell = find_program("sh", "/nowhere:/bin", anywhere);
        assert_eq!(shell.as_deref(), Some(Path::new("/bin/sh")));
        assert_eq!(
            find_program("./sh", "", Path::new("/bin")),
            Some("/bin/./sh".into())
        );
        assert_eq!(
            find_program("/bin/sh", "", anywhere),
            Some("/bin/sh".into())
        );
        assert_eq!(find_program("sh", "bin", Path::new("/")), None);
        assert_eq!(find_program("passwd", "/etc", anywhere), None);
    }

    #[test]
    fn a_program_that_only_starts_another_does_not_hide_it() {
        assert_eq!(programs_named(&argv(&["xterm", "-e", "top"])), ["xterm"]);
        assert_eq!(
            programs_named(&argv(&["dbus-run-session", "--", "xfce4-session"])),
            ["dbus-run-session", "xfce4-session"]
        );
        assert_eq!(
            programs_named(&argv(&["sh", "-c", "exec chromium --incognito"])),
            ["sh", "chromium"]
        );
        assert_eq!(
            programs_named(&argv(&["sh", "-c", "xterm & xeyes"])),
            ["sh"]
        );
        assert!(programs_named(&[]).is_empty());
    }

    #[test]
    fn a_desktop_is_told_from_an_application() {
        assert!(is_desktop(&argv(&["/usr/bin/startxfce4"])));
        assert!(is_desktop(&argv(&[
            "dbus-run-session",
            "--",
            "xfce4-session"
        ])));
        assert!(!is_desktop(&argv(&["xterm"])));
    }
}
