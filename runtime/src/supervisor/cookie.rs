//! The X authority file.

const FAMILY_WILD: u16 = 0xffff;
const NAME: &[u8] = b"MIT-MAGIC-COOKIE-1";

/// An Xauthority entry (Xau(3)) that fits every host and display.
///
/// Written before the X server picks its display number, hence the empty number; and by ourselves,
/// because `xauth` waits on locks.
pub(super) fn entry(cookie: &[u8; 16]) -> Vec<u8> {
    let mut entry = FAMILY_WILD.to_be_bytes().to_vec();
    for field in [&[][..], &[][..], NAME, cookie] {
        let length = u16::try_from(field.len()).expect("no field is longer than the name");
        entry.extend(length.to_be_bytes());
        entry.extend(field);
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_has_family_address_number_name_and_cookie() {
        let entry = entry(&[7; 16]);
        assert_eq!(entry[..8], [0xff, 0xff, 0, 0, 0, 0, 0, 18]);
        assert_eq!(&entry[8..26], NAME);
        assert_eq!(entry[26..28], [0, 16]);
        assert_eq!(entry[28..], [7; 16]);
    }
}
