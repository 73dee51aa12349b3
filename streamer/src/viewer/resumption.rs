//! Viewers whose connection stands, and the keys by which a new link finds them: a gateway that ends takes
//! its links along, and nothing else.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rustix::rand::{GetRandomFlags, getrandom};
use streamspace_protocol::{PersonId, Secret};
use tokio::sync::mpsc;

use crate::link::{LinkReader, LinkWriter};

/// A new link for a viewer whose connection stands, and the offer that came over it.
#[derive(Debug)]
pub(super) struct Resumption {
    pub(super) reader: LinkReader,
    pub(super) writer: LinkWriter,
    pub(super) offer: Secret,
}

/// The viewers that stand, by their keys. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing(Arc<Mutex<BTreeMap<String, Viewer>>>);

#[derive(Debug)]
struct Viewer {
    owner: PersonId,
    resumptions: mpsc::Sender<Resumption>,
}

/// A key, and the place under it, which is given up when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    key: String,
    standing: Standing,
}

impl Standing {
    /// A key that nobody can guess, for a viewer that may stand one day.
    pub(super) fn place(&self) -> io::Result<Place> {
        let mut bytes = [0; 24];
        let count = getrandom(&mut bytes, GetRandomFlags::empty())?;
        if count != bytes.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Place {
            key: URL_SAFE_NO_PAD.encode(bytes),
            standing: self.clone(),
        })
    }

    /// Hands a link to the viewer that stands under this key.
    ///
    /// # Errors
    /// Gives it back: there is no such viewer, or it is somebody else's.
    pub(super) fn resume(
        &self,
        key: &Secret,
        who: &PersonId,
        resumption: Resumption,
    ) -> Result<(), Box<Resumption>> {
        let viewers = self.viewers();
        let viewer = viewers.get(key.expose());
        match viewer.filter(|viewer| viewer.owner == *who) {
            Some(viewer) => viewer.resumptions.try_send(resumption).map_err(|error| {
                let (mpsc::error::TrySendError::Full(resumption)
                | mpsc::error::TrySendError::Closed(resumption)) = error;
                Box::new(resumption)
            }),
            None => Err(Box::new(resumption)),
        }
    }

    fn viewers(&self) -> MutexGuard<'_, BTreeMap<String, Viewer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    pub(super) fn key(&self) -> Secret {
        Secret::new(self.key.clone())
    }

    /// From now on links find the viewer, those of its person. One waits at a time: the next browser that
    /// knows the key tries again.
    pub(super) fn open(&self, owner: PersonId) -> mpsc::Receiver<Resumption> {
        let (resumptions, receiver) = mpsc::channel(1);
        let viewer = Viewer { owner, resumptions };
        self.standing.viewers().insert(self.key.clone(), viewer);
        receiver
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.standing.viewers().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use streamspace_protocol::{
        ClientSignal, LinkHello, PROTOCOL_VERSION, Person, PersonName, Role, Screen, ServerSignal,
        ViewerId, ViewerPath, Wire, encode_frame,
    };
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::UnixStream,
    };

    use super::*;
    use crate::{
        link::{Caller, Link, accept},
        viewer::line::Line,
    };

    fn person(number: u8) -> Person {
        Person {
            id: PersonId::new([number; 16]),
            name: PersonName::cleaned("Ada").expect("a name"),
            share: None,
            until_unix_ms: None,
        }
    }

    /// A link, and the gateway's end of it.
    async fn link() -> (Link, UnixStream) {
        let (mut gateway, streamer) = UnixStream::pair().expect("a socket pair");
        let hello = LinkHello {
            version: PROTOCOL_VERSION,
            key: Secret::new("key"),
            viewer: ViewerId(1),
            role: Role::View,
            person: person(1),
            path: ViewerPath::Webrtc,
            trace: None,
            ticket: None,
        };
        let frame = encode_frame(&hello);
        gateway.write_all(&frame).await.expect("sent");
        match accept(streamer, &Secret::new("key")).await {
            Ok(Caller::Viewer(link)) => (*link, gateway),
            other => panic!("no viewer: {other:?}"),
        }
    }

    async fn resumption() -> (Resumption, UnixStream) {
        let (Link { reader, writer, .. }, gateway) = link().await;
        let offer = Secret::new("v=0");
        let resumption = Resumption {
            reader,
            writer,
            offer,
        };
        (resumption, gateway)
    }

    #[tokio::test]
    async fn a_viewer_that_stands_goes_on_without_its_gateway_and_with_the_next_one() {
        let standing = Standing::default();
        let place = standing.place().expect("randomness");
        let key = place.key();
        let (Link { reader, writer, .. }, gateway) = link().await;
        let mut line = Line::new(reader, writer);
        line.stands(place, person(1).id, Screen::Second);
        drop(gateway);
        line.send(&ServerSignal::Answer {
            sdp: Secret::new("to nobody"),
        })
        .await
        .expect("that is no end");

        let (next, mut gateway) = resumption().await;
        standing.resume(&key, &person(1).id, next).expect("found");
        let signal = line.next().await.expect("an offer");
        let ClientSignal::Offer { screen, .. } = signal else {
            panic!("not an offer: {signal:?}");
        };
        assert_eq!(screen, Screen::Second);
        let answer = ServerSignal::Answer {
            sdp: Secret::new("v=0"),
        };
        line.send(&answer).await.expect("sent");
        let mut frame = vec![0; 4 + answer.encode().len()];
        gateway.read_exact(&mut frame).await.expect("an answer");
        assert_eq!(frame, encode_frame(&answer));
    }

    #[tokio::test]
    async fn whoever_stands_not_yet_ends_with_the_gateway() {
        let (Link { reader, writer, .. }, gateway) = link().await;
        let mut line = Line::new(reader, writer);
        drop(gateway);
        assert!(line.next().await.is_err());
    }

    #[tokio::test]
    async fn a_key_is_good_for_its_person_and_while_the_viewer_stands() {
        let standing = Standing::default();
        let place = standing.place().expect("randomness");
        let (key, other) = (place.key(), standing.place().expect("randomness").key());
        let early = standing.resume(&key, &person(1).id, resumption().await.0);
        assert!(early.is_err(), "it does not stand yet");
        let _resumptions = place.open(person(1).id);
        for (key, who) in [(&key, person(2)), (&other, person(1))] {
            let refused = standing.resume(key, &who.id, resumption().await.0);
            assert!(refused.is_err());
        }
        let found = standing.resume(&key, &person(1).id, resumption().await.0);
        assert!(found.is_ok());
        drop(place);
        let late = standing.resume(&key, &person(1).id, resumption().await.0);
        assert!(late.is_err(), "it is gone");
    }
}
