use des::{
    Des,
    cipher::{BlockEncrypt, KeyInit},
};

/// Answers the challenge of VNC authentication (RFC 6143, section 7.2.2).
///
/// The password is the DES key, cut or zero-padded to 8 bytes, with the bits of each byte mirrored
/// as every implementation does (RFC 6143, erratum 4951).
pub(super) fn respond(password: &[u8], challenge: [u8; 16]) -> [u8; 16] {
    let mut key = [0; 8];
    for (to, from) in key.iter_mut().zip(password) {
        *to = from.reverse_bits();
    }
    let cipher = Des::new(&key.into());
    let mut response = challenge;
    for block in response.chunks_exact_mut(8) {
        cipher.encrypt_block(block.into());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_file_of_vncpasswd_is_its_password_under_the_fixed_key() {
        // `vncpasswd -f` encrypts a password with the key 23 82 107 6 35 78 88 7; this one is "password".
        let fixed_key = [23u8, 82, 107, 6, 35, 78, 88, 7];
        let twice = [*b"password", *b"password"].concat();
        let challenge = twice.try_into().expect("16 bytes");
        let expected = [0xdb, 0xd8, 0x3c, 0xfd, 0x72, 0x7a, 0x14, 0x58];
        assert_eq!(respond(&fixed_key, challenge)[..8], expected);
    }

    #[test]
    fn only_the_first_eight_bytes_of_a_password_count() {
        let challenge = *b"0123456789abcdef";
        assert_eq!(
            respond(b"12345678", challenge),
            respond(b"123456789", challenge)
        );
        assert_ne!(
            respond(b"12345678", challenge),
            respond(b"1234567", challenge)
        );
    }
}
