//! A TURN client with a real socket: UDP, TCP or TLS.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use rustls_pki_types::{CertificateDer, ServerName};
use streamspace_protocol::IceServer;
use streamspace_signaling::turn::Framer;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring},
};
use turn_types::{
    attribute::{
        ChannelNumber, Data, Lifetime, RequestedTransport, XorPeerAddress, XorRelayedAddress,
    },
    message::{ALLOCATE, CHANNEL_BIND, CREATE_PERMISSION, REFRESH, SEND},
    stun::{
        attribute::{ErrorCode, Nonce, Realm, Username},
        message::{
            IntegrityAlgorithm, LongTermKeyCredentials, Message, MessageIntegrityCredentials,
            MessageWriteVec, TransactionId,
        },
        prelude::*,
    },
};

/// Far more than anything here takes; a test that hits it has failed.
const PATIENCE: Duration = Duration::from_secs(20);
const SEND_AGAIN: Duration = Duration::from_millis(500);

pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

enum Way {
    Datagrams(UdpSocket),
    Stream(Box<dyn Stream>, Framer),
}

pub(crate) struct Caller {
    way: Way,
    username: String,
    password: String,
    nonce: String,
}

/// A refusal's code.
pub(crate) type Refused = u16;

impl Caller {
    pub(crate) async fn by_udp(server: SocketAddr, credentials: &IceServer) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        socket.connect(server).await.expect("an address");
        Self::new(Way::Datagrams(socket), credentials)
    }

    pub(crate) async fn by_tcp(server: SocketAddr, credentials: &IceServer) -> Self {
        let stream = TcpStream::connect(server).await.expect("it listens");
        Self::new(
            Way::Stream(Box::new(stream), Framer::default()),
            credentials,
        )
    }

    /// The certificate is for `localhost`.
    pub(crate) async fn by_tls(
        server: SocketAddr,
        trusted: CertificateDer<'static>,
        credentials: &IceServer,
    ) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(trusted).expect("a certificate");
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(server).await.expect("it listens");
        let name = ServerName::try_from("localhost").expect("a name");
        let connector = TlsConnector::from(Arc::new(config));
        let stream = connector.connect(name, stream).await.expect("trusted");
        Self::new(
            Way::Stream(Box::new(stream), Framer::default()),
            credentials,
        )
    }

    fn new(way: Way, credentials: &IceServer) -> Self {
        let password = credentials.credential.clone().expect("a password");
        Self {
            way,
            username: credentials.username.clone().expect("a name"),
            password: password.into_exposed(),
            nonce: String::new(),
        }
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        match &mut self.way {
            Way::Datagrams(socket) => {
                socket.send(bytes).await.expect("sent");
            }
            Way::Stream(stream, _) => {
                let mut padded = bytes.to_vec();
                padded.resize(bytes.len().next_multiple_of(4), 0);
                stream.write_all(&padded).await.expect("sent");
                stream.flush().await.expect("sent");
            }
        }
    }

    /// The next message; `None` when the server has ended the connection. Nothing is lost if this is
    /// dropped before it is ready.
    pub(crate) async fn receive(&mut self) -> Option<Vec<u8>> {
        let receiving = async {
            let mut buffer = vec![0; 4096];
            match &mut self.way {
                Way::Datagrams(socket) => {
                    let length = socket.recv(&mut buffer).await.expect("received");
                    Some(buffer[..length].to_vec())
                }
                Way::Stream(stream, framer) => loop {
                    if let Some(message) = framer.next_message().expect("messages") {
                        return Some(message);
                    }
                    match stream.read(&mut buffer).await {
                        Ok(0) | Err(_) => return None,
                        Ok(length) => framer.push(&buffer[..length]),
                    }
                },
            }
        };
        timeout(PATIENCE, receiving).await.expect("in time")
    }

    async fn ask(
        &mut self,
        mut request: MessageWriteVec,
        attributes: &[&dyn AttributeWrite],
    ) -> Result<Vec<u8>, Refused> {
        for attribute in attributes {
            request.add_attribute(*attribute).expect("room");
        }
        if !self.nonce.is_empty() {
            self.sign(&mut request);
        }
        let answer = self.exchange(&request.finish()).await;
        if let Some(nonce) = find::<Nonce>(&answer) {
            self.nonce = nonce.nonce().to_owned();
        }
        match find::<ErrorCode>(&answer) {
            Some(error) => Err(error.code()),
            None => Ok(answer),
        }
    }

    /// Sends a request, again where datagrams get lost, until it is answered.
    async fn exchange(&mut self, request: &[u8]) -> Vec<u8> {
        let asking = async {
            loop {
                self.send(request).await;
                let answered = timeout(SEND_AGAIN, self.answer_to(transaction_of(request))).await;
                if let Ok(answer) = answered {
                    return answer;
                }
            }
        };
        timeout(PATIENCE, asking).await.expect("in time")
    }

    async fn answer_to(&mut self, transaction: TransactionId) -> Vec<u8> {
        loop {
            let answer = self.receive().await.expect("an answer");
            let message = Message::from_bytes(&answer);
            if message.is_ok_and(|message| message.transaction_id() == transaction) {
                return answer;
            }
        }
    }

    fn sign(&self, request: &mut MessageWriteVec) {
        let username = Username::new(&self.username).expect("short");
        let realm = Realm::new("streamspace").expect("short");
        let nonce = Nonce::new(&self.nonce).expect("short");
        let signer: [&dyn AttributeWrite; 3] = [&username, &realm, &nonce];
        for attribute in signer {
            request.add_attribute(attribute).expect("room");
        }
        let key = MessageIntegrityCredentials::LongTerm(LongTermKeyCredentials::new(
            self.username.clone(),
            self.password.clone(),
            "streamspace".to_owned(),
        ));
        request
            .add_message_integrity(&key, IntegrityAlgorithm::Sha1)
            .expect("room");
    }

    pub(crate) async fn allocate(&mut self) -> Result<SocketAddr, Refused> {
        let transport = RequestedTransport::new(RequestedTransport::UDP);
        let request = || Message::builder_request(ALLOCATE, MessageWriteVec::new());
        if self.nonce.is_empty() {
            assert_eq!(self.ask(request(), &[&transport]).await.err(), Some(401));
        }
        let answer = self.ask(request(), &[&transport]).await?;
        let relayed = find::<XorRelayedAddress>(&answer).expect("an address");
        Ok(relayed.addr(transaction_of(&answer)))
    }

    pub(crate) async fn permit(&mut self, peer: SocketAddr) -> Result<(), Refused> {
        let request = Message::builder_request(CREATE_PERMISSION, MessageWriteVec::new());
        let peer = XorPeerAddress::new(peer, request.transaction_id());
        self.ask(request, &[&peer]).await.map(drop)
    }

    pub(crate) async fn bind(&mut self, number: u16, peer: SocketAddr) -> Result<(), Refused> {
        let request = Message::builder_request(CHANNEL_BIND, MessageWriteVec::new());
        let peer = XorPeerAddress::new(peer, request.transaction_id());
        let number = ChannelNumber::new(number);
        self.ask(request, &[&number, &peer]).await.map(drop)
    }

    pub(crate) async fn refresh(&mut self, seconds: u32) -> Result<(), Refused> {
        let request = Message::builder_request(REFRESH, MessageWriteVec::new());
        self.ask(request, &[&Lifetime::new(seconds)])
            .await
            .map(drop)
    }

    /// Sends to a peer without a channel.
    pub(crate) async fn say_to(&mut self, peer: SocketAddr, data: &[u8]) {
        let mut indication = Message::builder_indication(SEND, MessageWriteVec::new());
        let peer = XorPeerAddress::new(peer, indication.transaction_id());
        indication.add_attribute(&peer).expect("room");
        indication.add_attribute(&Data::new(data)).expect("room");
        self.send(&indication.finish()).await;
    }

    /// Sends on a channel.
    pub(crate) async fn say(&mut self, number: u16, data: &[u8]) {
        let length = u16::try_from(data.len()).expect("short");
        let mut bytes = number.to_be_bytes().to_vec();
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(data);
        self.send(&bytes).await;
    }

    /// The next data on a channel.
    pub(crate) async fn hear(&mut self, number: u16) -> Vec<u8> {
        let message = self.receive().await.expect("channel data");
        assert_eq!(message[..2], number.to_be_bytes());
        message[4..].to_vec()
    }
}

fn transaction_of(answer: &[u8]) -> TransactionId {
    let message = Message::from_bytes(answer).expect("a message");
    message.transaction_id()
}

fn find<A>(answer: &[u8]) -> Option<A>
where
    A: for<'raw> AttributeFromRaw<'raw> + AttributeStaticType,
{
    let message = Message::from_bytes(answer).expect("a message");
    let mut attributes = message.iter_attributes();
    let (_, raw) = attributes.find(|(_, raw)| raw.get_type() == A::TYPE)?;
    A::from_raw_ref(&raw).ok()
}
