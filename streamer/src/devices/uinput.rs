//! Gamepads by the kernel's uinput (`Documentation/input/uinput.rst`).

use std::io;

use evdev::{
    AbsInfo, AbsoluteAxisCode, AttributeSet, BusType, EventType, InputEvent, InputId, KeyCode,
    UinputAbsSetup, uinput::VirtualDevice,
};
use streamspace_streamer_core::{PAD_BUTTONS, PAD_HATS, PAD_STICKS, PAD_TRIGGERS, PadChange};

use super::{Machine, Pad};

/// A pad that games know the layout of: Microsoft's for the Xbox 360.
const ID: (u16, u16, u16) = (0x045e, 0x028e, 0x0110);

#[derive(Debug)]
pub(crate) struct Uinput;

impl Machine for Uinput {
    type Pad = VirtualDevice;

    fn plug(&mut self, number: u8) -> io::Result<VirtualDevice> {
        let buttons: AttributeSet<KeyCode> =
            PAD_BUTTONS.iter().map(|&(_, code)| KeyCode(code)).collect();
        let (vendor, product, version) = ID;
        let name = format!("StreamSpace gamepad {}", number + 1);
        let mut device = VirtualDevice::builder()?
            .name(&name)
            .input_id(InputId::new(BusType::BUS_USB, vendor, product, version))
            .with_keys(&buttons)?;
        for (code, least, most) in axes() {
            let range = AbsInfo::new(0, least, most, 0, 0, 0);
            let axis = UinputAbsSetup::new(AbsoluteAxisCode(code), range);
            device = device.with_absolute_axis(&axis)?;
        }
        device.build()
    }
}

/// Every axis, and how far it goes.
fn axes() -> impl Iterator<Item = (u16, i32, i32)> {
    let (least, most) = (i16::MIN.into(), i16::MAX.into());
    let sticks = PAD_STICKS.map(|code| (code, least, most));
    let triggers = PAD_TRIGGERS.map(|code| (code, 0, u8::MAX.into()));
    let hats = PAD_HATS.map(|(code, _, _)| (code, -1, 1));
    sticks.into_iter().chain(triggers).chain(hats)
}

impl Pad for VirtualDevice {
    fn change(&mut self, changes: &[PadChange]) -> io::Result<()> {
        let events: Vec<InputEvent> = changes.iter().map(event).collect();
        self.emit(&events)
    }
}

fn event(change: &PadChange) -> InputEvent {
    match *change {
        PadChange::Button { code, down } => {
            InputEvent::new(EventType::KEY.0, code, i32::from(down))
        }
        PadChange::Axis { code, value } => InputEvent::new(EventType::ABSOLUTE.0, code, value),
    }
}
