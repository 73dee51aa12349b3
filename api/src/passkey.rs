//! Passkeys (Web Authentication, level 3): what a browser's answers have to be.
//!
//! ```text
//!  challenge ─▶ browser ─▶ { type, challenge, origin }      what the browser saw: clientData
//!                  └─▶ authenticator ─▶ site, flags, count  what it did: authenticatorData
//!                                    └─▶ signature of both, by a key that is for this site alone
//! ```
//!
//! Nobody has to vouch for the maker of a device (attestation "none"), so nothing of the attestation is read:
//! browsers give the key in the form of X.509 (5.2.1.1), which the library for TLS reads.

use ring::digest::{SHA256, digest};
use rustls_pki_types::SubjectPublicKeyInfoDer;
use serde::Deserialize;
use webpki::{
    Error, RawPublicKeyEntity,
    ring::{ECDSA_P256_SHA256, ED25519, RSA_PKCS1_2048_8192_SHA256},
};

mod site;

pub(crate) use site::Site;

/// That a person was there, and that the device has made sure who.
const PRESENT_AND_VERIFIED: u8 = 0b0000_0101;
/// A new credential follows.
const HAS_CREDENTIAL: u8 = 0b0100_0000;
/// Nothing that a browser sends for a passkey is longer.
pub(crate) const MAX_BYTES: usize = 4096;
/// Devices name their keys in no more (7.1, step 25).
const MAX_CREDENTIAL_BYTES: usize = 1023;

/// Why a passkey is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyFault {
    #[error("what the browser says cannot be read")]
    Malformed,
    #[error("it is the answer to another question")]
    Kind,
    #[error("it was made for another site")]
    Site,
    #[error("the device has not made sure who uses it")]
    Unverified,
    #[error("it uses an algorithm that is not accepted: ES256, EdDSA and RS256 are")]
    Algorithm,
    #[error("it is signed by another key")]
    Signature,
    #[error("it answers no challenge of this server, an old one, or one that was answered before")]
    Challenge,
    #[error("no account has it")]
    Unknown,
    #[error("it belongs to another account")]
    Foreign,
    #[error("it has been copied: another one has signed since")]
    Copied,
}

/// What a browser was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ceremony {
    Create,
    Get,
}

/// A new passkey, as a browser brings it.
#[derive(Debug, Clone)]
pub(crate) struct Registration {
    pub(crate) credential: Vec<u8>,
    pub(crate) client_data: Vec<u8>,
    pub(crate) authenticator_data: Vec<u8>,
    pub(crate) public_key: Vec<u8>,
}

/// What shows that somebody has a passkey.
#[derive(Debug, Clone)]
pub(crate) struct Signature {
    pub(crate) credential: Vec<u8>,
    pub(crate) client_data: Vec<u8>,
    pub(crate) authenticator_data: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

/// An answer that was made for this site, by somebody of whom the device was sure.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Checked {
    /// For whoever has given it out to know again.
    pub(crate) challenge: String,
    /// How often the key has signed, as far as the device counts.
    pub(crate) signatures: u32,
}

impl Registration {
    pub(crate) fn check(&self, site: &Site) -> Result<Checked, PasskeyFault> {
        let challenge = challenge(&self.client_data, Ceremony::Create, site)?;
        let device = Device::read(&self.authenticator_data, site)?;
        let is_named = device.credential()? == self.credential;
        if !is_named || !(1..=MAX_CREDENTIAL_BYTES).contains(&self.credential.len()) {
            return Err(PasskeyFault::Malformed);
        }
        // No signature can be right, but that of a key that is none is wrong in another way.
        match is_signed(&self.public_key, b"", b"") {
            Err(PasskeyFault::Signature) => Ok(Checked {
                challenge,
                signatures: device.signatures,
            }),
            Err(fault) => Err(fault),
            Ok(()) => Err(PasskeyFault::Algorithm),
        }
    }
}

impl Signature {
    /// `public_key` is that of the credential.
    pub(crate) fn check(&self, public_key: &[u8], site: &Site) -> Result<Checked, PasskeyFault> {
        let challenge = challenge(&self.client_data, Ceremony::Get, site)?;
        let device = Device::read(&self.authenticator_data, site)?;
        let seen = digest(&SHA256, &self.client_data);
        let signed = [&self.authenticator_data, seen.as_ref()].concat();
        is_signed(public_key, &signed, &self.signature)?;
        Ok(Checked {
            challenge,
            signatures: device.signatures,
        })
    }
}

/// What the browser says that it has seen.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

fn challenge(json: &[u8], asked: Ceremony, site: &Site) -> Result<String, PasskeyFault> {
    let seen: ClientData = serde_json::from_slice(json).map_err(|_| PasskeyFault::Malformed)?;
    let kind = match asked {
        Ceremony::Create => "webauthn.create",
        Ceremony::Get => "webauthn.get",
    };
    if seen.r#type != kind {
        return Err(PasskeyFault::Kind);
    }
    // A page of ours in a frame of somebody else's may be pressed without being seen.
    if seen.origin != site.origin() || seen.cross_origin {
        return Err(PasskeyFault::Site);
    }
    Ok(seen.challenge)
}

/// What the device says (6.1).
struct Device<'a> {
    flags: u8,
    signatures: u32,
    rest: &'a [u8],
}

impl<'a> Device<'a> {
    fn read(data: &'a [u8], site: &Site) -> Result<Self, PasskeyFault> {
        let malformed = PasskeyFault::Malformed;
        let (site_hash, data) = data.split_first_chunk::<32>().ok_or(malformed)?;
        let (&[flags], data) = data.split_first_chunk::<1>().ok_or(malformed)?;
        let (count, rest) = data.split_first_chunk::<4>().ok_or(malformed)?;
        if site_hash != digest(&SHA256, site.host().as_bytes()).as_ref() {
            return Err(PasskeyFault::Site);
        }
        if flags & PRESENT_AND_VERIFIED != PRESENT_AND_VERIFIED {
            return Err(PasskeyFault::Unverified);
        }
        Ok(Self {
            flags,
            signatures: u32::from_be_bytes(*count),
            rest,
        })
    }

    /// The name of the new key (6.5.1).
    fn credential(&self) -> Result<&'a [u8], PasskeyFault> {
        let malformed = PasskeyFault::Malformed;
        if self.flags & HAS_CREDENTIAL == 0 {
            return Err(malformed);
        }
        let (_model, data) = self.rest.split_first_chunk::<16>().ok_or(malformed)?;
        let (length, data) = data.split_first_chunk::<2>().ok_or(malformed)?;
        let length = usize::from(u16::from_be_bytes(*length));
        data.get(..length).ok_or(malformed)
    }
}

fn is_signed(public_key: &[u8], signed: &[u8], signature: &[u8]) -> Result<(), PasskeyFault> {
    let der = SubjectPublicKeyInfoDer::from(public_key);
    let key = RawPublicKeyEntity::try_from(&der).map_err(|_| PasskeyFault::Algorithm)?;
    let mut fault = PasskeyFault::Algorithm;
    for algorithm in [ECDSA_P256_SHA256, ED25519, RSA_PKCS1_2048_8192_SHA256] {
        match key.verify_signature(algorithm, signed, signature) {
            Ok(()) => return Ok(()),
            Err(Error::InvalidSignatureForPublicKey) => fault = PasskeyFault::Signature,
            Err(_) => {}
        }
    }
    Err(fault)
}

#[cfg(test)]
pub(crate) mod tests;
