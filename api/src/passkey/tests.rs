use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use proptest::prelude::*;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use serde_json::{Value, json};

use super::*;
use crate::Scheme;

/// How the key of a P-256 point, and that of Ed25519, begins in X.509.
const P256_START: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE";
const ED25519_START: [u8; 12] = [48, 42, 48, 5, 6, 3, 43, 101, 112, 3, 33, 0];

enum Key {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// What a device does.
pub(crate) struct TestDevice {
    key: Key,
    credential: Vec<u8>,
    pub(crate) flags: u8,
    pub(crate) signatures: u32,
}

pub(crate) fn site() -> Site {
    site_of("localhost:8080")
}

fn site_of(host: &str) -> Site {
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, host.parse().expect("a header"));
    Site::of(&headers, Scheme::Http).expect("a name")
}

impl TestDevice {
    pub(crate) fn new(credential: &[u8]) -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("randomness");
        let key = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random);
        Self::with(Key::P256(key.expect("a key")), credential)
    }

    fn with(key: Key, credential: &[u8]) -> Self {
        Self {
            key,
            credential: credential.into(),
            flags: 0b0000_0101,
            signatures: 0,
        }
    }

    fn ed25519() -> Self {
        let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key");
        Self::with(Key::Ed25519(key), b"credential")
    }

    fn public_key(&self) -> Vec<u8> {
        match &self.key {
            Key::P256(key) => {
                let start = BASE64.decode(P256_START).expect("base64");
                [&start, &key.public_key().as_ref()[1..]].concat()
            }
            Key::Ed25519(key) => [&ED25519_START, key.public_key().as_ref()].concat(),
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.key {
            Key::P256(key) => {
                let signature = key.sign(&SystemRandom::new(), message).expect("randomness");
                signature.as_ref().to_vec()
            }
            Key::Ed25519(key) => key.sign(message).as_ref().to_vec(),
        }
    }

    fn data(&self, site: &Site) -> Vec<u8> {
        let hash = digest(&SHA256, site.host().as_bytes());
        [hash.as_ref(), &[self.flags], &self.signatures.to_be_bytes()].concat()
    }

    pub(crate) fn register(&self, site: &Site, challenge: &str) -> Registration {
        let mut data = self.data(site);
        data[32] |= HAS_CREDENTIAL;
        data.extend([0; 16]);
        data.extend((self.credential.len() as u16).to_be_bytes());
        data.extend(&self.credential);
        // The key in the form of the device, which is not read.
        data.extend(b"\xa5");
        Registration {
            credential: self.credential.clone(),
            client_data: client_data("webauthn.create", site, challenge, json!({})),
            authenticator_data: data,
            public_key: self.public_key(),
        }
    }

    pub(crate) fn answer(&self, site: &Site, challenge: &str) -> Signature {
        self.answer_seen(
            site,
            client_data("webauthn.get", site, challenge, json!({})),
        )
    }

    fn answer_seen(&self, site: &Site, client_data: Vec<u8>) -> Signature {
        let data = self.data(site);
        let signed = [&data, digest(&SHA256, &client_data).as_ref()].concat();
        Signature {
            credential: self.credential.clone(),
            signature: self.sign(&signed),
            client_data,
            authenticator_data: data,
        }
    }
}

fn client_data(kind: &str, site: &Site, challenge: &str, more: Value) -> Vec<u8> {
    let mut seen = json!({ "type": kind, "challenge": challenge, "origin": site.origin() });
    let fields = seen.as_object_mut().expect("an object");
    fields.extend(more.as_object().expect("an object").clone());
    seen.to_string().into_bytes()
}

#[test]
fn a_device_registers_and_signs_for_its_site() {
    for mut device in [TestDevice::new(b"credential"), TestDevice::ed25519()] {
        let registration = device.register(&site(), "c-1");
        let checked = registration.check(&site()).expect("a passkey");
        assert_eq!(checked.challenge, "c-1");
        device.signatures = 7;
        let answer = device.answer(&site(), "c-2");
        let checked = answer
            .check(&registration.public_key, &site())
            .expect("signed");
        assert_eq!((checked.challenge.as_str(), checked.signatures), ("c-2", 7));
        let other = TestDevice::new(b"credential").public_key();
        assert_eq!(answer.check(&other, &site()), Err(PasskeyFault::Signature));
    }
}

#[test]
fn what_was_made_for_another_site_is_not_accepted() {
    let device = TestDevice::new(b"credential");
    let key = device.public_key();
    for elsewhere in ["evil.example", "localhost:9090", "sub.localhost:8080"] {
        let elsewhere = site_of(elsewhere);
        let answer = device.answer(&elsewhere, "c");
        assert_eq!(answer.check(&key, &site()), Err(PasskeyFault::Site));
        let registration = device.register(&elsewhere, "c");
        assert_eq!(registration.check(&site()), Err(PasskeyFault::Site));
    }
    // The origin is ours, and the device was asked for another host.
    let mut mixed = device.answer(&site(), "c");
    mixed.authenticator_data = device
        .answer(&site_of("evil.example"), "c")
        .authenticator_data;
    assert_eq!(mixed.check(&key, &site()), Err(PasskeyFault::Site));
    let seen = client_data("webauthn.get", &site(), "c", json!({ "crossOrigin": true }));
    let framed = device.answer_seen(&site(), seen);
    assert_eq!(framed.check(&key, &site()), Err(PasskeyFault::Site));
}

#[test]
fn the_device_has_to_be_sure_who_uses_it() {
    let mut device = TestDevice::new(b"credential");
    let key = device.public_key();
    for flags in [0, 0b001, 0b100] {
        device.flags = flags;
        let answer = device.answer(&site(), "c");
        assert_eq!(answer.check(&key, &site()), Err(PasskeyFault::Unverified));
        let registration = device.register(&site(), "c");
        assert_eq!(registration.check(&site()), Err(PasskeyFault::Unverified));
    }
}

#[test]
fn one_answer_is_not_taken_for_another() {
    let device = TestDevice::new(b"credential");
    let key = device.public_key();
    let created = client_data("webauthn.create", &site(), "c", json!({}));
    let answer = device.answer_seen(&site(), created);
    assert_eq!(answer.check(&key, &site()), Err(PasskeyFault::Kind));

    let mut changed = device.answer(&site(), "c");
    changed.client_data = client_data("webauthn.get", &site(), "d", json!({}));
    assert_eq!(changed.check(&key, &site()), Err(PasskeyFault::Signature));
    let mut changed = device.answer(&site(), "c");
    changed.authenticator_data[36] ^= 1;
    assert_eq!(changed.check(&key, &site()), Err(PasskeyFault::Signature));
}

#[test]
fn a_registration_names_its_key_and_brings_one_that_can_be_used() {
    let device = TestDevice::new(b"credential");
    let with = |change: fn(&mut Registration)| {
        let mut registration = device.register(&site(), "c");
        change(&mut registration);
        registration.check(&site())
    };
    let named = with(|it| it.credential = b"another".to_vec());
    assert_eq!(named, Err(PasskeyFault::Malformed));
    let without = with(|it| it.authenticator_data[32] &= !HAS_CREDENTIAL);
    assert_eq!(without, Err(PasskeyFault::Malformed));
    for key in [&b""[..], b"\x30\x00", &[0; 91]] {
        let mut registration = device.register(&site(), "c");
        registration.public_key = key.to_vec();
        assert_eq!(registration.check(&site()), Err(PasskeyFault::Algorithm));
    }
    let none = TestDevice::new(b"").register(&site(), "c");
    assert_eq!(none.check(&site()), Err(PasskeyFault::Malformed));
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_refused(
        client_data in prop::collection::vec(any::<u8>(), 0..200),
        data in prop::collection::vec(any::<u8>(), 0..200),
        key in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let device = TestDevice::ed25519();
        let mut registration = device.register(&site(), "c");
        registration.authenticator_data.truncate(data.len());
        let mut answer = device.answer(&site(), "c");
        prop_assert!(answer.check(&key, &site()).is_err());
        answer.authenticator_data = data;
        prop_assert!(answer.check(&device.public_key(), &site()).is_err());
        answer.client_data = client_data;
        prop_assert!(answer.check(&device.public_key(), &site()).is_err());
        if registration.authenticator_data.len() < 60 {
            prop_assert!(registration.check(&site()).is_err());
        }
    }
}
