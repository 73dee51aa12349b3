//! How large letters are to be: the resources that programs read when they start.

use x11rb::{
    connection::Connection,
    protocol::xproto::{AtomEnum, ConnectionExt as _, PropMode, Window},
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

use super::XError;

pub(super) const ORDINARY: u16 = 96;
/// Pixels of a pointer shape at [`ORDINARY`].
const CURSOR: u16 = 24;
/// 32-bit words of resources that are read: 256 KiB, far more than anybody sets.
const MOST_WORDS: u32 = 64 * 1024;

/// Sets the resources that tell it, and leaves all others as they are.
pub(super) fn set(connection: &RustConnection, root: Window, dpi: u16) -> Result<(), XError> {
    let (property, text) = (AtomEnum::RESOURCE_MANAGER, AtomEnum::STRING);
    let resources = connection
        .get_property(false, root, property, text, 0, MOST_WORDS)?
        .reply()?;
    let resources = with_dpi(&resources.value, dpi);
    connection
        .change_property8(PropMode::REPLACE, root, property, text, &resources)?
        .check()?;
    connection.flush()?;
    Ok(())
}

/// The resources with these for the density. They are Latin-1, so bytes here.
fn with_dpi(resources: &[u8], dpi: u16) -> Vec<u8> {
    let ours: [(&[u8], u32); 2] = [
        (b"Xft.dpi:", dpi.into()),
        (
            b"Xcursor.size:",
            u32::from(CURSOR) * u32::from(dpi) / u32::from(ORDINARY),
        ),
    ];
    let is_ours = |line: &[u8]| ours.iter().any(|(name, _)| line.starts_with(name));
    let mut lines: Vec<Vec<u8>> = resources
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty() && !is_ours(line))
        .map(<[u8]>::to_vec)
        .collect();
    lines.extend(ours.map(|(name, value)| [name, format!("\t{value}").as_bytes()].concat()));
    lines.push(Vec::new());
    lines.join(&b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_resources_stay_as_they_are() {
        let before = b"*customization:\t-color\nXft.dpi:\t96\nXTerm*font:\tfi\xefxed\n";
        let after =
            b"*customization:\t-color\nXTerm*font:\tfi\xefxed\nXft.dpi:\t192\nXcursor.size:\t48\n";
        assert_eq!(with_dpi(before, 192), after);
        assert_eq!(with_dpi(after, 192), after);
        assert_eq!(with_dpi(b"", 96), b"Xft.dpi:\t96\nXcursor.size:\t24\n");
    }
}
