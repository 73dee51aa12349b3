//! The codes of authenticator apps: TOTP (RFC 6238) over HOTP (RFC 4226), with what every app takes
//! for granted: SHA-1, six digits, thirty seconds.

use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use ring::hmac;

/// As long as what HMAC-SHA-1 makes, as RFC 4226 wants it.
pub(super) const SECRET_BYTES: usize = 20;
const STEP_S: i64 = 30;
const CODES: u32 = 1_000_000;
/// Clocks differ, and typing takes time.
const STEPS_BESIDE: i64 = 1;

/// Six digits that somebody typed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Code(u32);

impl Code {
    pub(super) fn read(text: &str) -> Option<Self> {
        let is_code = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_code.then(|| text.parse().ok().map(Self)).flatten()
    }
}

/// The newest time step around `now` of which this is the code. Looks at all of them, so how long it
/// takes tells nothing.
pub(super) fn step_of(secret: &[u8], code: Code, now: Timestamp) -> Option<i64> {
    let step = now.as_second().div_euclid(STEP_S);
    let around = step - STEPS_BESIDE..=step + STEPS_BESIDE;
    around.fold(None, |found, step| {
        let fits = u64::try_from(step).is_ok_and(|count| hotp(secret, count) == code.0);
        if fits { Some(step) } else { found }
    })
}

fn hotp(secret: &[u8], count: u64) -> u32 {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &count.to_be_bytes());
    let tag = tag.as_ref();
    let start = usize::from(tag[tag.len() - 1] & 0xf);
    let mut word = [0; 4];
    word.copy_from_slice(&tag[start..start + 4]);
    (u32::from_be_bytes(word) & 0x7fff_ffff) % CODES
}

/// The secret as people type it.
pub(super) fn base32(secret: &[u8]) -> String {
    BASE32_NOPAD.encode(secret)
}

/// What authenticator apps read from a QR code. User names need no escapes.
pub(super) fn uri(user: &str, secret: &[u8]) -> String {
    let secret = base32(secret);
    format!(
        "otpauth://totp/StreamSpace:{user}?secret={secret}&issuer=StreamSpace\
         &algorithm=SHA1&digits=6&period={STEP_S}"
    )
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// What an app shows.
    pub(in super::super) fn code_at(secret: &[u8], now: Timestamp) -> String {
        let step = now.as_second().div_euclid(STEP_S);
        let count = u64::try_from(step).expect("after 1970");
        format!("{:06}", hotp(secret, count))
    }

    /// Of the RFCs.
    const SECRET: &[u8] = b"12345678901234567890";

    fn code(text: &str) -> Code {
        Code::read(text).expect("six digits")
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    #[test]
    fn the_codes_are_those_of_the_rfc() {
        // RFC 6238, appendix B, of whose eight digits these are the last six.
        for (second, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = step_of(SECRET, code(expected), at(second));
            assert_eq!(step, Some(second / STEP_S), "{second}");
        }
    }

    #[test]
    fn a_code_is_good_a_step_early_and_a_step_late() {
        let good = |second| step_of(SECRET, code("287082"), at(second)).is_some();
        let answers = [-1, 0, 59, 60, 89, 90].map(good);
        assert_eq!(answers, [false, true, true, true, true, false]);
    }

    #[test]
    fn only_six_digits_are_a_code() {
        for text in [
            "",
            "12345",
            "1234567",
            "12345a",
            "+12345",
            "１２３４５６",
            "-12345",
        ] {
            assert!(Code::read(text).is_none(), "{text}");
        }
        assert!(Code::read("000000").is_some());
    }

    #[test]
    fn an_app_learns_whose_code_it_is() {
        assert_eq!(
            uri("ada", SECRET),
            "otpauth://totp/StreamSpace:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=StreamSpace&algorithm=SHA1&digits=6&period=30"
        );
    }
}
