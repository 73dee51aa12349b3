//! What programs of the session can be given, and the gamepads that they are given.
//!
//! Gamepads are devices of the kernel's own (uinput), made while a viewer has one. They are the
//! machine's: where several sessions share one, programs of each can read them, unless the sessions'
//! users may not read each other's input devices.

mod uinput;

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io,
    path::Path,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use streamspace_protocol::{DeviceSupport, Devices};
use streamspace_streamer_core::{PadChange, PadOutput};

pub(crate) use self::uinput::Uinput;

/// Changes that wait for the kernel. It takes them at once; what finds no room is left out, and comes
/// again with the next state that differs.
const QUEUE: usize = 256;

/// Looks at the machine whose files lie below `root`.
pub(crate) fn look(root: &Path) -> Devices {
    Devices {
        gamepads: writable(&root.join("dev/uinput")),
        webcam: webcam(&root.join("sys/devices/virtual/video4linux")),
    }
}

fn writable(device: &Path) -> DeviceSupport {
    match OpenOptions::new().write(true).open(device) {
        Ok(_) => DeviceSupport::Ready,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => DeviceSupport::Denied,
        Err(_) => DeviceSupport::Missing,
    }
}

/// Loopback devices are virtual ones (v4l2loopback).
fn webcam(loopbacks: &Path) -> DeviceSupport {
    let some = fs::read_dir(loopbacks).is_ok_and(|mut devices| devices.next().is_some());
    if some {
        DeviceSupport::Unused
    } else {
        DeviceSupport::Missing
    }
}

/// Where gamepads are made.
pub(crate) trait Machine: Send + 'static {
    type Pad: Pad;

    fn plug(&mut self, number: u8) -> io::Result<Self::Pad>;
}

/// A gamepad that programs see; dropping it takes it away.
pub(crate) trait Pad {
    fn change(&mut self, changes: &[PadChange]) -> io::Result<()>;
}

/// The room's end of the thread that has the gamepads: the kernel may take a while to make one.
#[derive(Debug)]
pub(crate) struct Gamepads(SyncSender<PadOutput>);

impl Gamepads {
    pub(crate) fn open(machine: impl Machine) -> Self {
        let (changes, queue) = sync_channel(QUEUE);
        thread::Builder::new()
            .name("gamepads".into())
            .spawn(move || run(machine, &queue))
            .expect("a machine that runs a desktop has room for one more thread");
        Self(changes)
    }

    pub(crate) fn tell(&self, output: PadOutput) {
        if self.0.try_send(output).is_err() {
            tracing::warn!("the kernel takes no gamepad's changes");
        }
    }
}

fn run<M: Machine>(mut machine: M, queue: &Receiver<PadOutput>) {
    let mut pads: BTreeMap<u8, M::Pad> = BTreeMap::new();
    for output in queue {
        if let Err(error) = follow(&mut machine, &mut pads, &output) {
            tracing::warn!(%error, "a gamepad does not work");
        }
    }
}

fn follow<M: Machine>(
    machine: &mut M,
    pads: &mut BTreeMap<u8, M::Pad>,
    output: &PadOutput,
) -> io::Result<()> {
    match output {
        PadOutput::Plug(number) => {
            let pad = machine.plug(*number)?;
            pads.insert(*number, pad);
        }
        PadOutput::Change(number, changes) => {
            if let Some(pad) = pads.get_mut(number) {
                pad.change(changes)?;
            }
        }
        PadOutput::Unplug(number) => drop(pads.remove(number)),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;

    /// What a kernel would see.
    struct Seen(Sender<String>);

    struct SeenPad(u8, Sender<String>);

    impl Machine for Seen {
        type Pad = SeenPad;

        fn plug(&mut self, number: u8) -> io::Result<SeenPad> {
            if number == 3 {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            let _ = self.0.send(format!("plug {number}"));
            Ok(SeenPad(number, self.0.clone()))
        }
    }

    impl Pad for SeenPad {
        fn change(&mut self, changes: &[PadChange]) -> io::Result<()> {
            let _ = self.1.send(format!("{} {changes:?}", self.0));
            Ok(())
        }
    }

    impl Drop for SeenPad {
        fn drop(&mut self) {
            let _ = self.1.send(format!("unplug {}", self.0));
        }
    }

    #[test]
    fn gamepads_are_plugged_changed_and_unplugged_and_one_that_fails_harms_no_other() {
        let (sender, seen) = channel();
        let pads = Gamepads::open(Seen(sender));
        let change = vec![PadChange::Axis {
            code: 0x10,
            value: -1,
        }];
        for output in [
            PadOutput::Plug(3),
            PadOutput::Change(3, change.clone()),
            PadOutput::Plug(0),
            PadOutput::Change(0, change),
            PadOutput::Unplug(0),
            PadOutput::Plug(1),
        ] {
            pads.tell(output);
        }
        drop(pads);
        let seen: Vec<String> = seen.iter().collect();
        let changed = "0 [Axis { code: 16, value: -1 }]";
        assert_eq!(seen, ["plug 0", changed, "unplug 0", "plug 1", "unplug 1"]);
    }

    #[test]
    fn what_a_machine_has_is_found_where_it_lies() {
        let root = tempfile::tempdir().expect("a folder");
        assert_eq!(look(root.path()), Devices::default());
        fs::create_dir_all(root.path().join("dev")).expect("a folder");
        fs::write(root.path().join("dev/uinput"), "").expect("a file");
        let video = root.path().join("sys/devices/virtual/video4linux/video0");
        fs::create_dir_all(video).expect("a folder");
        let found = look(root.path());
        assert_eq!(found.gamepads, DeviceSupport::Ready);
        assert_eq!(found.webcam, DeviceSupport::Unused);
    }
}
