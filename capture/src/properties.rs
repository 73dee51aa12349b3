//! The element's properties and its action signal.

use std::sync::LazyLock;

use gstreamer::{glib, prelude::*, subclass::prelude::*};

use crate::{
    controls::Controls,
    source::{Implementation, MOST_FPS, XSource, lock},
};

/// Every property, as GStreamer lists them.
pub(crate) fn all() -> &'static [glib::ParamSpec] {
    static ALL: LazyLock<Vec<glib::ParamSpec>> = LazyLock::new(|| {
        vec![
            glib::ParamSpecString::builder("display-name")
                .nick("Display")
                .blurb("The X display, such as :1; empty: as the environment says")
                .mutable_ready()
                .build(),
            glib::ParamSpecString::builder("part")
                .nick("Part")
                .blurb("What to show of the display, such as 1280x720+1920+0; empty: all of it")
                .mutable_playing()
                .build(),
            glib::ParamSpecUInt::builder("max-fps")
                .nick("Most frames")
                .blurb("The most frames in a second, within the caps' framerate")
                .minimum(1)
                .maximum(MOST_FPS.unsigned_abs())
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
            glib::ParamSpecUInt::builder("refinements")
                .nick("Refinements")
                .blurb("How often the picture is repeated after a large change, unless `sharp` comes before")
                .maximum(u16::MAX.into())
                .default_value(12)
                .mutable_playing()
                .build(),
            glib::ParamSpecUInt::builder("reconnect")
                .nick("Reconnect")
                .blurb("For how many seconds an X server that ended is waited for, if it comes again")
                .maximum(u16::MAX.into())
                .default_value(5)
                .mutable_playing()
                .build(),
        ]
    });
    &ALL
}

/// `refresh` asks for a frame although nothing changed, as a keyframe needs one to be in; `sharp`
/// says that repeating the picture has no more to gain, as its encoder has just shown.
pub(crate) fn signals() -> &'static [glib::subclass::Signal] {
    static ALL: LazyLock<Vec<glib::subclass::Signal>> = LazyLock::new(|| {
        vec![
            action("refresh", Controls::refresh),
            action("sharp", Controls::sharp),
        ]
    });
    &ALL
}

fn action(name: &str, what: fn(&Controls)) -> glib::subclass::Signal {
    let action = glib::subclass::Signal::builder(name).action();
    let action = action.class_handler(move |values| {
        let source = values.first()?.get::<XSource>().ok()?;
        what(&source.imp().controls);
        None
    });
    action.build()
}

pub(crate) fn set(source: &Implementation, name: &str, value: &glib::Value) {
    let controls = &source.controls;
    let number = || value.get::<u32>().ok().and_then(|n| u16::try_from(n).ok());
    match name {
        "display-name" => {
            let display: Option<String> = value.get().unwrap_or_default();
            *lock(&source.display) = display.unwrap_or_default();
        }
        "part" => {
            let part: Option<String> = value.get().unwrap_or_default();
            controls.set_part(part.and_then(|part| part.parse().ok()));
        }
        "max-fps" => controls.set_max_fps(number().unwrap_or(60)),
        "hold" => controls.set_held(value.get().unwrap_or_default()),
        "downscale" => controls.set_downscale(number().unwrap_or(1)),
        "refinements" => controls.set_most_refinements(number().unwrap_or(12)),
        "reconnect" => controls.set_reconnect_s(number().unwrap_or(5)),
        _ => unreachable!("GObject knows the properties"),
    }
}

pub(crate) fn get(source: &Implementation, name: &str) -> glib::Value {
    let controls = &source.controls;
    match name {
        "display-name" => lock(&source.display).to_value(),
        "part" => controls
            .part()
            .map_or_else(String::new, |part| part.to_string())
            .to_value(),
        "max-fps" => u32::from(controls.max_fps()).to_value(),
        "hold" => controls.is_held().to_value(),
        "downscale" => u32::from(controls.downscale()).to_value(),
        "refinements" => u32::from(controls.most_refinements()).to_value(),
        "reconnect" => u32::try_from(controls.reconnect().as_secs())
            .unwrap_or(u32::MAX)
            .to_value(),
        _ => unreachable!("GObject knows the properties"),
    }
}
