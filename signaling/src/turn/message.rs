//! TURN's messages, read and written with the library's types.

use std::net::SocketAddr;

use streamspace_protocol::Secret;
use turn_types::{
    attribute::{Data, XorPeerAddress},
    message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, DATA, REFRESH, SEND},
    stun::{
        attribute::{
            AttributeType, ErrorCode, MessageIntegrity, Nonce, Realm, UnknownAttributes, Username,
        },
        message::{
            BINDING, IntegrityAlgorithm, IntegrityKey, LongTermKeyCredentials, Message,
            MessageClass, MessageHeader, MessageType, MessageWriteVec, StunParseError,
            TransactionId,
        },
        prelude::*,
    },
};

/// The longest message that is read. Browsers send no datagrams longer than an Ethernet frame.
pub const MAX_MESSAGE_BYTES: usize = 4096;

const REALM: &str = "streamspace";

/// The attributes of RFC 8656 and RFC 8489 that are understood, of those that must be.
const UNDERSTOOD: [u16; 12] = [
    0x0006, // USERNAME
    0x0008, // MESSAGE-INTEGRITY
    0x000c, // CHANNEL-NUMBER
    0x000d, // LIFETIME
    0x0012, // XOR-PEER-ADDRESS
    0x0013, // DATA
    0x0014, // REALM
    0x0015, // NONCE
    0x0017, // REQUESTED-ADDRESS-FAMILY
    0x0019, // REQUESTED-TRANSPORT
    0x001c, // MESSAGE-INTEGRITY-SHA256
    0x0020, // XOR-MAPPED-ADDRESS
];

/// What the server is asked, of what it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Binding,
    Allocate,
    Refresh,
    CreatePermission,
    ChannelBind,
    Send,
}

/// A message that was read.
pub(super) struct Received<'a> {
    pub(super) asked: Asked,
    bytes: &'a [u8],
    message: Message<'a>,
}

/// The key of somebody's credentials. Without `Debug`, because that of the library's shows it.
#[derive(Clone)]
pub(super) struct Key(IntegrityKey);

impl Key {
    pub(super) fn new(username: String, password: Secret) -> Self {
        let credentials =
            LongTermKeyCredentials::new(username, password.into_exposed(), REALM.to_owned());
        Self(credentials.make_key(IntegrityAlgorithm::Sha1))
    }
}

impl<'a> Received<'a> {
    /// Nothing, if it is no message, or none that a server is to answer.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        if bytes.len() > MAX_MESSAGE_BYTES {
            return None;
        }
        // The library reads on behind the length that the header gives.
        let header = MessageHeader::from_bytes(bytes).ok()?;
        if MessageHeader::LENGTH + usize::from(header.data_length()) != bytes.len() {
            return None;
        }
        let message = Message::from_bytes(bytes).ok()?;
        let asked = match (message.class(), message.method()) {
            (MessageClass::Request, BINDING) => Asked::Binding,
            (MessageClass::Request, ALLOCATE) => Asked::Allocate,
            (MessageClass::Request, REFRESH) => Asked::Refresh,
            (MessageClass::Request, CREATE_PERMISSION) => Asked::CreatePermission,
            (MessageClass::Request, CHANNEL_BIND) => Asked::ChannelBind,
            (MessageClass::Indication, SEND) => Asked::Send,
            _ => return None,
        };
        Some(Self {
            asked,
            bytes,
            message,
        })
    }

    pub(super) fn transaction(&self) -> TransactionId {
        self.message.transaction_id()
    }

    pub(super) fn is_signed(&self) -> bool {
        self.types().any(|kind| kind == MessageIntegrity::TYPE)
    }

    pub(super) fn is_signed_by(&self, key: &Key) -> bool {
        self.message.validate_integrity_with_key(&key.0).is_ok()
    }

    pub(super) fn username(&self) -> Option<String> {
        let username = self.find::<Username>().ok()??;
        Some(username.username().to_owned())
    }

    pub(super) fn nonce(&self) -> Option<String> {
        let nonce = self.find::<Nonce>().ok()??;
        Some(nonce.nonce().to_owned())
    }

    pub(super) fn has_our_realm(&self) -> bool {
        let realm = self.find::<Realm>();
        realm.is_ok_and(|realm| realm.is_some_and(|realm| realm.realm() == REALM))
    }

    /// Those that had to be understood and are not.
    pub(super) fn unknown_attributes(&self) -> Vec<AttributeType> {
        self.types()
            .filter(|kind| kind.comprehension_required() && !UNDERSTOOD.contains(&kind.value()))
            .collect()
    }

    /// The first attribute of this kind.
    ///
    /// # Errors
    /// It is there, and not what it should be.
    pub(super) fn find<A>(&self) -> Result<Option<A>, StunParseError>
    where
        A: for<'raw> AttributeFromRaw<'raw> + AttributeStaticType,
    {
        let mut attributes = self.message.iter_attributes();
        attributes
            .find(|(_, raw)| raw.get_type() == A::TYPE)
            .map(|(_, raw)| A::from_raw_ref(&raw))
            .transpose()
    }

    /// The peers that it names.
    ///
    /// # Errors
    /// One of them is no address.
    pub(super) fn peers(&self) -> Result<Vec<SocketAddr>, StunParseError> {
        self.message
            .iter_attributes()
            .filter(|(_, raw)| raw.get_type() == XorPeerAddress::TYPE)
            .map(|(_, raw)| Ok(XorPeerAddress::from_raw_ref(&raw)?.addr(self.transaction())))
            .collect()
    }

    /// What is to be relayed.
    pub(super) fn data(&self) -> Option<&'a [u8]> {
        let mut attributes = self.message.iter_attributes();
        let (offset, raw) = attributes.find(|(_, raw)| raw.get_type() == Data::TYPE)?;
        let start = offset + 4;
        self.bytes
            .get(start..start + usize::from(raw.header.length()))
    }

    fn types(&self) -> impl Iterator<Item = AttributeType> {
        self.message
            .iter_attributes()
            .map(|(_, raw)| raw.get_type())
    }

    /// The answer to what was asked, signed.
    pub(super) fn success(&self, attributes: &[&dyn AttributeWrite], key: &Key) -> Vec<u8> {
        let answer = Message::builder_success(&self.message, MessageWriteVec::new());
        signed(written(answer, attributes), key)
    }

    /// The answer to a binding request, which nobody signs.
    pub(super) fn bound(&self, mapped: &dyn AttributeWrite) -> Vec<u8> {
        let answer = Message::builder_success(&self.message, MessageWriteVec::new());
        written(answer, &[mapped]).finish()
    }

    /// A refusal that tells how to sign in.
    pub(super) fn challenge(&self, code: u16, nonce: &str) -> Vec<u8> {
        let realm = Realm::new(REALM).expect("it is short");
        let nonce = Nonce::new(nonce).expect("ours are short");
        let answer = Message::builder_error(&self.message, MessageWriteVec::new());
        written(answer, &[&error(code), &realm, &nonce]).finish()
    }

    /// A refusal to somebody who has not signed in.
    pub(super) fn refusal(&self, code: u16) -> Vec<u8> {
        let answer = Message::builder_error(&self.message, MessageWriteVec::new());
        written(answer, &[&error(code)]).finish()
    }

    /// A refusal to somebody who has.
    pub(super) fn signed_refusal(&self, code: u16, key: &Key) -> Vec<u8> {
        let answer = Message::builder_error(&self.message, MessageWriteVec::new());
        signed(written(answer, &[&error(code)]), key)
    }

    pub(super) fn not_understood(&self, unknown: &[AttributeType], key: &Key) -> Vec<u8> {
        let unknown = UnknownAttributes::new(unknown);
        let answer = Message::builder_error(&self.message, MessageWriteVec::new());
        signed(
            written(answer, &[&error(ErrorCode::UNKNOWN_ATTRIBUTE), &unknown]),
            key,
        )
    }
}

/// The answer to an allocation that took a moment.
pub(super) fn allocated(
    transaction: TransactionId,
    attributes: &[&dyn AttributeWrite],
    key: &Key,
) -> Vec<u8> {
    respond(MessageClass::Success, transaction, attributes, key)
}

pub(super) fn not_allocated(transaction: TransactionId, code: u16, key: &Key) -> Vec<u8> {
    respond(MessageClass::Error, transaction, &[&error(code)], key)
}

fn respond(
    class: MessageClass,
    transaction: TransactionId,
    attributes: &[&dyn AttributeWrite],
    key: &Key,
) -> Vec<u8> {
    let kind = MessageType::from_class_method(class, ALLOCATE);
    let answer = Message::builder(kind, transaction, MessageWriteVec::new());
    signed(written(answer, attributes), key)
}

/// What a peer sent, for a client that has no channel for it.
pub(super) fn data_indication(peer: SocketAddr, data: &[u8]) -> Vec<u8> {
    let indication = Message::builder_indication(DATA, MessageWriteVec::new());
    let peer = XorPeerAddress::new(peer, indication.transaction_id());
    written(indication, &[&peer, &Data::new(data)]).finish()
}

fn error(code: u16) -> ErrorCode {
    let reason = ErrorCode::default_reason_for_code(code);
    ErrorCode::new(code, reason).expect("the code is one of the RFC's")
}

fn written(mut message: MessageWriteVec, attributes: &[&dyn AttributeWrite]) -> MessageWriteVec {
    for attribute in attributes {
        message
            .add_attribute(*attribute)
            .expect("signatures come last, and what comes before is short");
    }
    message
}

fn signed(mut message: MessageWriteVec, key: &Key) -> Vec<u8> {
    message
        .add_message_integrity_with_key(&key.0, IntegrityAlgorithm::Sha1)
        .expect("it is signed once");
    message.finish()
}
