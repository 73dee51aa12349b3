//! The element's properties and its action signal.

use std::sync::LazyLock;

use gstreamer::{glib, prelude::*, subclass::prelude::*};

use crate::source::{Implementation, XSource, lock};

/// Every property, as GStreamer lists them.
pub(crate) fn all() -> &'static [glib::ParamSpec] {
    static ALL: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(|| {
        vec![
            glib::ParamSpecString::builder("display-name")
                .nick("Display")
                .blurb("The X display, such as :1; empty: as the environment says")
                .mutable_ready()
                .build(),
            glib::ParamSpecUInt::builder("max-fps")
                .nick("Most frames")
                .blurb("The most frames in a second")
                .minimum(1)
                .maximum(120)
                .default_value(60)
                .mutable_playing()
                .build(),
            glib::ParamSpecBoolean::builder("hold")
                .nick("Hold")
                .blurb("Make no frame; what changes meanwhile is in the first one after")
                .mutable_playing()
                .build(),
            glib::ParamSpecUInt::builder("downscale")
                .nick("Downscale")
                .blurb("Pixels of the display for each of the frame's, both ways")
                .minimum(1)
                .maximum(2)
                .default_value(1)
                .mutable_playing()
                .build(),
        ]
    });
    &ALL
}

/// `refresh` asks for a frame although nothing changed, as a keyframe needs one to be in.
pub(crate) fn signals() -> &'static [glib::subclass::Signal] {
    static ALL: LazyLock<Vec<glib::subclass::Signal>> = LazyLock::new(|| {
        let refresh = glib::subclass::Signal::builder("refresh")
            .action()
            .class_handler(|values| {
                let source = values.first()?.get::<XSource>().ok()?;
                source.imp().controls.refresh();
                None
            });
        vec![refresh.build()]
    });
    &ALL
}

pub(crate) fn set(source: &Implementation, name: &str, value: &glib::Value) {
    let controls = &source.controls;
    let number = || value.get::<u32>().ok().and_then(|n| u16::try_from(n).ok());
    match name {
        "display-name" => {
            let display: Option<String> = value.get().unwrap_or_default();
            *lock(&source.display) = display.unwrap_or_default();
        }
        "max-fps" => controls.set_max_fps(number().unwrap_or(60)),
        "hold" => controls.set_held(value.get().unwrap_or_default()),
        "downscale" => controls.set_downscale(number().unwrap_or(1)),
        _ => unreachable!("GObject knows the properties"),
    }
}

pub(crate) fn get(source: &Implementation, name: &str) -> glib::Value {
    let controls = &source.controls;
    match name {
        "display-name" => lock(&source.display).to_value(),
        "max-fps" => u32::from(controls.max_fps()).to_value(),
        "hold" => controls.is_held().to_value(),
        "downscale" => u32::from(controls.downscale()).to_value(),
        _ => unreachable!("GObject knows the properties"),
    }
}
