//! The Secret by which a session and its gateways know each other.

use std::collections::BTreeMap;

use k8s_openapi::{ByteString, api::core::v1::Secret};
use kube::{Resource, ResourceExt, api::ObjectMeta};
use rcgen::{CertificateParams, KeyPair};
use ring::rand::{SecureRandom, SystemRandom};
use streamspace_protocol::{KeyFile, SessionId, secret_name};
use streamspace_resources::SessionResource;

use super::pod::labels;

/// Letters and digits that cannot be taken for one another (RFC 4648's base 32, lower case).
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// 160 bits.
const STREAMER_KEY_CHARS: usize = 32;
/// VNC authentication knows no more.
const VNC_PASSWORD_CHARS: usize = 8;

/// New keys, for a session that has none.
///
/// # Errors
/// The certificate cannot be made.
pub(crate) fn secret(session: &SessionResource, id: &SessionId) -> Result<Secret, rcgen::Error> {
    let key = KeyPair::generate()?;
    // Nobody looks at the name: each end knows the whole certificate.
    let certificate = CertificateParams::new([id.to_string()])?.self_signed(&key)?;
    let data = KeyFile::ALL.map(|file| {
        let text = match file {
            KeyFile::Certificate => certificate.pem(),
            KeyFile::PrivateKey => key.serialize_pem(),
            KeyFile::Streamer => random_text(STREAMER_KEY_CHARS),
            KeyFile::Vnc | KeyFile::VncView => random_text(VNC_PASSWORD_CHARS),
        };
        (file.name().to_owned(), ByteString(text.into_bytes()))
    });
    Ok(Secret {
        metadata: ObjectMeta {
            name: Some(secret_name(id)),
            labels: Some(labels(session)),
            owner_references: session.controller_owner_ref(&()).map(|owner| vec![owner]),
            ..ObjectMeta::default()
        },
        immutable: Some(true),
        data: Some(BTreeMap::from(data)),
        type_: Some(format!("{}/session", SessionResource::group(&()))),
        ..Secret::default()
    })
}

fn random_text(length: usize) -> String {
    let mut bytes = vec![0; length];
    SystemRandom::new()
        .fill(&mut bytes)
        .expect("the kernel always has random bytes for us after boot");
    let letter = |byte: &u8| char::from(ALPHABET[usize::from(byte % 32)]);
    bytes.iter().map(letter).collect()
}

/// The name of a session as it is used in file names and certificates; nothing if it is none of ours.
pub(crate) fn id(session: &SessionResource) -> Option<SessionId> {
    session.name_any().parse().ok()
}
