//! What can be seen by looking.

use std::{
    fs, io,
    net::{SocketAddr, TcpListener},
    path::Path,
};

use streamspace_resources::Template;
use streamspace_runtime::{find_program, programs_named, read_catalog};

use super::{Finding, install};
use crate::server_file::ServerFile;

/// Whether a program is on the path.
pub(super) fn has_program(name: &str) -> bool {
    let path = std::env::var("PATH").unwrap_or_default();
    find_program(name, &path, Path::new("/")).is_some()
}

pub(super) fn window_manager() -> Finding {
    let name = "window manager";
    if has_program("openbox") {
        return Finding::good(name, "openbox");
    }
    let detail = "single applications run without one, so their dialogs cannot be moved";
    Finding::warning(name, detail, install(&["openbox"]))
}

/// Games in sessions get gamepads from the kernel.
pub(super) fn gamepads(device: &Path) -> Finding {
    let name = "gamepads";
    let shown = device.display();
    match fs::OpenOptions::new().write(true).open(device) {
        Ok(_) => Finding::good(name, shown.to_string()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let detail = format!("{shown} may not be written, so sessions have no gamepads");
            Finding::warning(name, detail, format!("sudo setfacl -m u:$USER:rw {shown}"))
        }
        Err(error) => {
            let detail = format!("{shown}: {error}, so sessions have no gamepads");
            Finding::warning(name, detail, "sudo modprobe uinput")
        }
    }
}

pub(super) fn port(address: SocketAddr) -> Finding {
    let name = "port";
    match TcpListener::bind(address) {
        Ok(_) => Finding::good(name, format!("{address} is free")),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            let mend = format!("streamspace up --listen {}:0", address.ip());
            Finding::warning(name, format!("{address} is in use"), mend)
        }
        Err(error) => {
            let mend = "streamspace up --listen 127.0.0.1:0";
            Finding::missing(name, format!("cannot listen on {address}: {error}"), mend)
        }
    }
}

/// Writes into the folder, or into the nearest folder above it that exists.
pub(super) fn data_folder(folder: &Path) -> Finding {
    let name = "data folder";
    let shown = folder.display();
    let existing = folder
        .ancestors()
        .find(|folder| folder.exists())
        .unwrap_or(Path::new("/"));
    let written = tempfile::tempfile_in(existing)
        .and_then(|mut file| io::Write::write_all(&mut file, &[0; 4096]));
    let running = ServerFile::read(folder).ok().flatten();
    match (written, running) {
        (Err(error), _) => {
            let mend = "streamspace up --data FOLDER, with a folder that you can write to";
            Finding::missing(name, format!("{shown} cannot be written: {error}"), mend)
        }
        (Ok(()), Some(server)) => Finding::good(
            name,
            format!(
                "{shown}, used by process {} at {}",
                server.pid, server.origin
            ),
        ),
        (Ok(()), None) => Finding::good(name, format!("{shown}")),
    }
}

pub(super) fn web_client(folder: &Path) -> Finding {
    let name = "web client";
    match fs::metadata(folder.join("index.html")) {
        Ok(_) => Finding::good(name, format!("{}", folder.display())),
        Err(error) => {
            let detail = format!("{} has no page: {error}", folder.display());
            Finding::missing(name, detail, "./dev build-web")
        }
    }
}

/// A finding for the folder, and one for each template that cannot be started.
pub(super) fn templates(folder: &Path) -> Vec<Finding> {
    let name = "templates";
    let catalog = read_catalog(folder);
    let mut findings: Vec<Finding> = catalog
        .problems
        .iter()
        .map(|problem| {
            let detail = format!("{}: {}", problem.file, problem.message);
            Finding::warning(name, detail, "correct the file, or remove it")
        })
        .collect();
    findings.extend(catalog.items.iter().filter_map(missing_program));
    if catalog.items.is_empty() {
        let detail = format!("{} holds none", folder.display());
        findings.push(Finding::warning(
            name,
            detail,
            "streamspace up --templates FOLDER",
        ));
    } else {
        let detail = format!("{} in {}", catalog.items.len(), folder.display());
        findings.push(Finding::good(name, detail));
    }
    findings
}

fn missing_program(template: &Template) -> Option<Finding> {
    let missing: Vec<&str> = programs_named(&template.spec.command)
        .into_iter()
        .filter(|program| !has_program(program))
        .collect();
    if missing.is_empty() {
        return None;
    }
    let packages: Vec<&str> = template.spec.packages.iter().map(String::as_str).collect();
    let detail = format!("{} needs {}", template.metadata.name, missing.join(", "));
    Some(Finding::warning("templates", detail, install(&packages)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn a_port_in_use_is_found() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr().expect("its address");
        assert_eq!(port(address).verdict, Verdict::Warning);
        drop(listener);
        assert_eq!(port(address).verdict, Verdict::Good);
    }

    #[test]
    fn a_data_folder_that_is_a_file_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(
            data_folder(&folder.path().join("new/deep")).verdict,
            Verdict::Good
        );
        let file = folder.path().join("file");
        fs::write(&file, "").expect("written");
        assert_eq!(data_folder(&file.join("data")).verdict, Verdict::Missing);
    }

    #[test]
    fn a_template_whose_program_is_missing_names_its_packages() {
        let folder = tempfile::tempdir().expect("a folder");
        let template = "apiVersion: stream.space/v1alpha1\nkind: Template\nmetadata: {name: x}\n\
                        spec: {displayName: X, command: [no-such-program], packages: [x-package]}\n";
        fs::write(folder.path().join("x.yaml"), template).expect("written");
        fs::write(folder.path().join("broken.yaml"), "kind: [").expect("written");
        let findings = templates(folder.path());
        let mends: Vec<&str> = findings.iter().filter_map(|f| f.mend.as_deref()).collect();
        assert_eq!(
            mends,
            [
                "correct the file, or remove it",
                "sudo apt install x-package"
            ]
        );
    }
}
