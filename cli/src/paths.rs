//! Where things are when nobody says so.

use std::{
    env,
    path::{Path, PathBuf},
};

use streamspace_protocol::Code;

use crate::{
    args::{DataArgs, TemplateArgs, WebArgs},
    failure::Failure,
};

/// The data folder, as an absolute path.
pub(crate) fn data_folder(args: &DataArgs) -> Result<PathBuf, Failure> {
    let folder = args
        .data
        .clone()
        .or_else(default_data_folder)
        .ok_or_else(|| {
            Failure::new(
                Code::RequestInvalid,
                "there is no home folder; choose a data folder with --data",
            )
        })?;
    std::path::absolute(&folder).map_err(|error| Failure::storage("the data folder", &error))
}

fn default_data_folder() -> Option<PathBuf> {
    let absolute = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute("XDG_DATA_HOME")
        .or_else(|| Some(absolute("HOME")?.join(".local/share")))
        .map(|base| base.join("streamspace"))
}

/// This program, to start again as a supervisor or a server.
pub(crate) fn this_program() -> Result<PathBuf, Failure> {
    env::current_exe()
        .map_err(|error| Failure::internal(format!("this program's own file is unknown: {error}")))
}

/// A program that is installed beside this one.
pub(crate) fn sibling(name: &str) -> Result<PathBuf, Failure> {
    Ok(this_program()?.with_file_name(name))
}

/// Where the server with this data folder keeps who may use it.
pub(crate) fn accounts(data: &Path) -> PathBuf {
    data.join("accounts.db")
}

/// Where the server with this data folder records what happens.
pub(crate) fn audit(data: &Path) -> PathBuf {
    data.join("audit.db")
}

pub(crate) fn templates(args: &TemplateArgs) -> Result<PathBuf, Failure> {
    args.template_folder
        .clone()
        .map_or_else(|| shared("templates"), Ok)
}

pub(crate) fn web_client(args: &WebArgs) -> Result<PathBuf, Failure> {
    args.web_dir.clone().map_or_else(|| shared("web"), Ok)
}

/// `/usr/local/share/streamspace/...` for `/usr/local/bin/streamspace`.
fn shared(name: &str) -> Result<PathBuf, Failure> {
    let program = this_program()?;
    let prefix = program
        .parent()
        .and_then(Path::parent)
        .unwrap_or(Path::new("/usr"));
    Ok(prefix.join("share/streamspace").join(name))
}
