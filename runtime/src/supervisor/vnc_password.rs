//! The X server's VNC password file.

use des::{
    Des,
    cipher::{Block, BlockEncrypt, KeyInit},
};

/// The key that all VNC servers use, with the bits of each byte reversed as VNC has them. It hides
/// nothing; the file's mode does.
const KEY: [u8; 8] = [0xe8, 0x4a, 0xd6, 0x60, 0xc4, 0x72, 0x1a, 0xe0];

/// What vncpasswd(1) writes: the password, then the one with which clients may only look.
pub(super) fn file(password: &str, view_password: &str) -> [u8; 16] {
    let mut file = [0; 16];
    file[..8].copy_from_slice(&obfuscate(password));
    file[8..].copy_from_slice(&obfuscate(view_password));
    file
}

/// A password, cut or padded to 8 bytes, encrypted with DES.
fn obfuscate(password: &str) -> [u8; 8] {
    let mut block = Block::<Des>::default();
    for (place, byte) in block.iter_mut().zip(password.bytes()) {
        *place = byte;
    }
    Des::new(&KEY.into()).encrypt_block(&mut block);
    block.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_the_one_that_vncpasswd_writes() {
        // `echo password | vncpasswd -f`
        let written = [0xdb, 0xd8, 0x3c, 0xfd, 0x72, 0x7a, 0x14, 0x58];
        let file = file("password", "look");
        assert_eq!(file[..8], written);
        assert_eq!(file[8..], obfuscate("look"));
    }
}
