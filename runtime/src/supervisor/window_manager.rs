//! A window manager beside a single application.

use std::{fs, io, path::Path, time::Duration};

use tokio::time::{sleep, timeout};

use super::child::{Launcher, Output, Part};
use crate::{
    config::Environment,
    order::{Order, file},
};

/// The application fills the display without a frame; its dialogs keep theirs, and can be moved.
const CONFIG: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <theme><name>Clearlooks</name><titleLayout>LC</titleLayout></theme>
  <desktops><number>1</number><popupTime>0</popupTime></desktops>
  <mouse>
    <context name="Frame">
      <mousebind button="A-Left" action="Drag"><action name="Move"/></mousebind>
    </context>
    <context name="Titlebar">
      <mousebind button="Left" action="Drag"><action name="Move"/></mousebind>
    </context>
    <context name="Client">
      <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
    </context>
    <context name="Close">
      <mousebind button="Left" action="Click"><action name="Close"/></mousebind>
    </context>
    <context name="BLCorner BRCorner TLCorner TRCorner Left Right Top Bottom">
      <mousebind button="Left" action="Drag"><action name="Resize"/></mousebind>
    </context>
  </mouse>
  <applications>
    <application type="normal">
      <decor>no</decor>
      <maximized>yes</maximized>
    </application>
  </applications>
</openbox_config>
"#;

/// An idle machine takes 50 ms. The session goes on without if it takes longer than this.
const START_LIMIT: Duration = Duration::from_secs(3);
const POLL: Duration = Duration::from_millis(5);

/// Starts openbox, and returns when it manages windows.
///
/// A program that shows its window while a window manager starts may have its requests lost; Xt
/// programs such as xterm then wait 5 s for the answer (`wmTimeout`, XtShell(3)).
///
/// The session goes on without it should it not start, or end.
pub(super) async fn start(
    order: &Order,
    launcher: &Launcher,
    program: &Path,
    environment: &Environment,
) -> io::Result<Part> {
    let config = order.file(file::WINDOW_MANAGER);
    let ready = order.file(file::WINDOW_MANAGER_READY);
    fs::write(&config, CONFIG)?;
    let mut part = launcher.start(
        program,
        &arguments(&config, &ready),
        environment,
        &order.folder,
        Output::Logged,
    )?;
    tokio::select! {
        _ = timeout(START_LIMIT, exists(&ready)) => Ok(part),
        status = part.ended() => Err(io::Error::other(format!("openbox ended: {status}"))),
    }
}

/// It runs a command of ours as soon as it is up.
fn arguments(config: &Path, ready: &Path) -> Vec<String> {
    let touch = format!("touch '{}'", ready.display());
    let config = config.display().to_string();
    [
        "--sm-disable",
        "--config-file",
        &config,
        "--startup",
        &touch,
    ]
    .map(str::to_owned)
    .into()
}

async fn exists(file: &Path) {
    while !file.exists() {
        sleep(POLL).await;
    }
}
