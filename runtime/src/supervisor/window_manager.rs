//! A window manager beside a single application.

use std::{fs, io, path::Path};

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

/// Starts openbox. The session goes on without it should it end.
pub(super) fn start(
    order: &Order,
    launcher: &Launcher,
    program: &Path,
    environment: &Environment,
) -> io::Result<Part> {
    let config = order.file(file::WINDOW_MANAGER);
    fs::write(&config, CONFIG)?;
    let arguments = [
        "--sm-disable",
        "--config-file",
        &config.display().to_string(),
    ]
    .map(str::to_owned);
    launcher.start(
        program,
        &arguments,
        environment,
        &order.folder,
        Output::Logged,
    )
}
