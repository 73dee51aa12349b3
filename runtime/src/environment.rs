//! Which variables of the server's environment reach a session.

use crate::config::Environment;

/// What any program needs, and nothing that could hold a secret of the server's.
const COMMON: [&str; 10] = [
    "HOME",
    "LANG",
    "LANGUAGE",
    "LD_LIBRARY_PATH",
    "LOGNAME",
    "PATH",
    "SHELL",
    "TMPDIR",
    "TZ",
    "USER",
];

/// What ties a program to the desktop that the server was started from: with the bus of that
/// desktop in reach, many programs would open their windows there.
const TIES: [&str; 17] = [
    "COLORTERM",
    "DBUS_SESSION_BUS_ADDRESS",
    "DESKTOP_SESSION",
    "DESKTOP_STARTUP_ID",
    "DISPLAY",
    "GDK_BACKEND",
    "ICEAUTHORITY",
    "NOTIFY_SOCKET",
    "PULSE_SERVER",
    "QT_QPA_PLATFORM",
    "SESSION_MANAGER",
    "SSH_TTY",
    "TERM",
    "WAYLAND_DISPLAY",
    "WINDOWID",
    "WINDOWPATH",
    "XAUTHORITY",
];
const TIE_PREFIXES: [&str; 6] = ["GNOME_", "KDE_", "PULSE_", "STREAMSPACE_", "VTE_", "XDG_"];

/// For a template's program: only what is common to all.
pub(crate) fn for_template(server: &Environment) -> Environment {
    select(server, |name| {
        COMMON.contains(&name) || name.starts_with("LC_")
    })
}

/// For a person's own command: all they have, but nothing that leads to another desktop.
pub(crate) fn for_command(server: &Environment) -> Environment {
    select(server, |name| {
        !TIES.contains(&name) && !TIE_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    })
}

/// For display, sound and streamer: what is common, and what steers media and logging.
pub(crate) fn for_parts(server: &Environment) -> Environment {
    select(server, |name| {
        let steers = ["GST_", "LC_", "RUST_", "CUDA_", "NVIDIA_", "LIBVA_"];
        COMMON.contains(&name) || steers.iter().any(|prefix| name.starts_with(prefix))
    })
}

/// Where programs are looked for.
pub(crate) fn path_of(environment: &Environment) -> &str {
    environment
        .get("PATH")
        .map_or("/usr/local/bin:/usr/bin:/bin", String::as_str)
}

fn select(server: &Environment, wanted: impl Fn(&str) -> bool) -> Environment {
    let mut selection: Environment = server
        .iter()
        .filter(|(name, _)| wanted(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    // Without a UTF-8 locale, terminals and toolkits mangle everything beyond ASCII.
    if !["LANG", "LC_ALL", "LC_CTYPE"]
        .iter()
        .any(|name| selection.contains_key(*name))
    {
        selection.insert("LANG".into(), "C.UTF-8".into());
    }
    selection
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> Environment {
        [
            ("PATH", "/bin"),
            ("LC_TIME", "de_DE.UTF-8"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("PYTHONPATH", "/opt/lib"),
            ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/bus"),
            ("WAYLAND_DISPLAY", "wayland-0"),
            ("STREAMSPACE_API_KEY", "secret"),
            ("GST_DEBUG", "2"),
        ]
        .map(|(name, value)| (name.into(), value.into()))
        .into()
    }

    fn names(environment: &Environment) -> Vec<&str> {
        environment.keys().map(String::as_str).collect()
    }

    #[test]
    fn a_template_gets_no_variable_that_it_has_no_use_for() {
        assert_eq!(names(&for_template(&server())), ["LANG", "LC_TIME", "PATH"]);
    }

    #[test]
    fn a_command_gets_its_persons_variables_but_no_way_to_another_desktop() {
        assert_eq!(
            names(&for_command(&server())),
            [
                "AWS_SECRET_ACCESS_KEY",
                "GST_DEBUG",
                "LANG",
                "LC_TIME",
                "PATH",
                "PYTHONPATH"
            ]
        );
    }

    #[test]
    fn text_is_utf_8_unless_the_server_says_otherwise() {
        assert_eq!(for_parts(&Environment::new())["LANG"], "C.UTF-8");
        let german = [("LC_ALL".to_owned(), "de_DE.UTF-8".to_owned())].into();
        assert_eq!(for_parts(&german).get("LANG"), None);
    }
}
