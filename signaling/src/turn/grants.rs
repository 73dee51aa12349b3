//! Who may relay, and to where.

use std::{
    collections::{HashMap, VecDeque},
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use super::address::{MediaAddresses, Peer, addresses_in_sdp, candidate_address};

/// The addresses of one viewer's streamer that are kept; each restart of ICE brings a few new ones, and
/// the oldest go.
const MOST_PEERS: usize = 32;

/// The most of what TURN takes of a gateway; one more is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnLimits {
    /// Allocations altogether: each is a UDP port.
    pub allocations: usize,
    /// Allocations of one viewer. A browser makes one for each of its networks and each way to the
    /// server, and the same again when it changes networks.
    pub allocations_of_one: usize,
    /// Connections over TCP and TLS.
    pub connections: usize,
    /// What is relayed for one allocation in one direction; more is dropped.
    pub bytes_per_second: u32,
}

impl Default for TurnLimits {
    fn default() -> Self {
        Self {
            allocations: 1024,
            allocations_of_one: 24,
            connections: 1024,
            bytes_per_second: 12_500_000,
        }
    }
}

/// The viewers that may relay at this moment.
#[derive(Debug)]
pub struct Grants {
    limits: TurnLimits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    allocations: usize,
    holders: HashMap<String, Holder>,
}

#[derive(Debug)]
struct Holder {
    peers: watch::Receiver<Peers>,
    allocations: usize,
}

/// The sockets of a streamer that one viewer may reach.
#[derive(Debug, Clone, Default)]
pub struct Peers(VecDeque<Peer>);

/// A viewer may relay as long as this lives.
#[derive(Debug)]
pub struct Grant {
    grants: Arc<Grants>,
    holder: String,
    media: MediaAddresses,
    peers: watch::Sender<Peers>,
}

/// Room for one allocation, given back when dropped.
#[derive(Debug)]
pub struct Place {
    grants: Arc<Grants>,
    holder: String,
    pub(super) peers: watch::Receiver<Peers>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoPlace {
    /// Nobody of this name may relay.
    Unknown,
    /// The holder has as many as one may have.
    Quota,
    /// All are taken.
    Full,
}

impl Grants {
    pub fn new(limits: TurnLimits) -> Self {
        Self {
            limits,
            state: Mutex::default(),
        }
    }

    pub fn limits(&self) -> TurnLimits {
        self.limits
    }

    /// Lets the holder of these credentials relay to what it will be told of `media`. A holder of the
    /// same name that was there before may not any more.
    pub fn grant(self: &Arc<Self>, holder: String, media: MediaAddresses) -> Grant {
        let (sender, peers) = watch::channel(Peers::default());
        let entry = Holder {
            peers,
            allocations: 0,
        };
        self.state().holders.insert(holder.clone(), entry);
        Grant {
            grants: Arc::clone(self),
            holder,
            media,
            peers: sender,
        }
    }

    pub(super) fn place(self: &Arc<Self>, holder: &str) -> Result<Place, NoPlace> {
        let mut state = self.state();
        let is_full = state.allocations >= self.limits.allocations;
        let entry = state.holders.get_mut(holder).ok_or(NoPlace::Unknown)?;
        if entry.allocations >= self.limits.allocations_of_one {
            return Err(NoPlace::Quota);
        }
        if is_full {
            return Err(NoPlace::Full);
        }
        entry.allocations += 1;
        let peers = entry.peers.clone();
        state.allocations += 1;
        Ok(Place {
            grants: Arc::clone(self),
            holder: holder.to_owned(),
            peers,
        })
    }

    /// Each change is one step, so a panic elsewhere leaves the counts true.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Grant {
    /// The streamer takes media at the addresses of this session description.
    pub fn learn_sdp(&self, sdp: &str) {
        addresses_in_sdp(sdp).for_each(|address| self.learn(address));
    }

    /// The streamer takes media at the address of this candidate.
    pub fn learn_candidate(&self, candidate: &str) {
        if let Some(address) = candidate_address(candidate) {
            self.learn(address);
        }
    }

    fn learn(&self, address: SocketAddr) {
        let Some(peer) = self.media.peer(address) else {
            return;
        };
        self.peers.send_if_modified(|peers| peers.add(peer));
    }
}

impl Drop for Grant {
    fn drop(&mut self) {
        let mut state = self.grants.state();
        // One of the same name that came later stays.
        let is_ours = |holder: &Holder| holder.peers.same_channel(&self.peers.subscribe());
        if state.holders.get(&self.holder).is_some_and(is_ours) {
            state.holders.remove(&self.holder);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.grants.state();
        state.allocations -= 1;
        if let Some(entry) = state.holders.get_mut(&self.holder)
            && entry.peers.same_channel(&self.peers)
        {
            entry.allocations -= 1;
        }
    }
}

impl Peers {
    fn add(&mut self, peer: Peer) -> bool {
        if self.0.contains(&peer) {
            return false;
        }
        if self.0.len() >= MOST_PEERS {
            self.0.pop_front();
        }
        self.0.push_back(peer);
        true
    }

    pub(super) fn has_address(&self, ip: IpAddr) -> bool {
        self.0.iter().any(|peer| peer.told.ip() == ip)
    }

    /// Where a peer is reached from here.
    pub(super) fn real(&self, told: SocketAddr) -> Option<SocketAddr> {
        let peer = self.0.iter().find(|peer| peer.told == told)?;
        Some(peer.real)
    }

    /// As the client knows whoever sends from here.
    pub(super) fn told(&self, real: SocketAddr) -> Option<SocketAddr> {
        let peer = self.0.iter().find(|peer| peer.real == real)?;
        Some(peer.told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grants(allocations: usize, allocations_of_one: usize) -> Arc<Grants> {
        Arc::new(Grants::new(TurnLimits {
            allocations,
            allocations_of_one,
            ..TurnLimits::default()
        }))
    }

    fn media() -> MediaAddresses {
        MediaAddresses {
            addresses: vec![[127, 0, 0, 1].into()],
            ..MediaAddresses::default()
        }
    }

    #[test]
    fn places_are_bounded_for_one_and_for_all_and_come_back() {
        let grants = grants(3, 2);
        let ada = grants.grant("ada".into(), media());
        let _bob = grants.grant("bob".into(), media());
        let first = grants.place("ada").expect("room");
        let _second = grants.place("ada").expect("room");
        assert_eq!(grants.place("ada").err(), Some(NoPlace::Quota));
        assert_eq!(grants.place("eve").err(), Some(NoPlace::Unknown));
        let _third = grants.place("bob").expect("room");
        assert_eq!(grants.place("bob").err(), Some(NoPlace::Full));
        drop(first);
        let again = grants.place("bob").expect("room again");
        drop(ada);
        assert_eq!(grants.place("ada").err(), Some(NoPlace::Unknown));
        assert!(again.peers.has_changed().is_ok(), "bob's are not ada's");
    }

    #[test]
    fn a_grant_that_ends_tells_its_allocations_and_spares_its_successor() {
        let grants = grants(3, 1);
        let before = grants.grant("ada".into(), media());
        let place = grants.place("ada").expect("room");
        let _after = grants.grant("ada".into(), media());
        drop(before);
        assert!(place.peers.has_changed().is_err(), "the channel is closed");
        let _other = grants.place("ada").expect("the successor has its own room");
        drop(place);
        assert_eq!(grants.place("ada").err(), Some(NoPlace::Quota));
    }

    #[test]
    fn peers_are_what_the_streamer_told_and_only_so_many() {
        let grants = grants(3, 3);
        let grant = grants.grant("ada".into(), media());
        let place = grants.place("ada").expect("room");
        grant.learn_candidate("candidate:1 1 udp 1 127.0.0.1 4000 typ host");
        grant.learn_candidate("candidate:1 1 udp 1 169.254.169.254 80 typ host");
        grant.learn_sdp("a=candidate:1 1 udp 1 127.0.0.1 4001 typ host\r\n");
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let peers = place.peers.borrow().clone();
        assert_eq!(peers.0.len(), 2);
        assert_eq!(peers.real(address(4001)), Some(address(4001)));
        assert_eq!(peers.real(address(4002)), None);
        assert!(!peers.has_address([169, 254, 169, 254].into()));
        for port in 5000..6000 {
            grant.learn_candidate(&format!("candidate:1 1 udp 1 127.0.0.1 {port} typ host"));
        }
        let peers = place.peers.borrow().clone();
        assert_eq!(peers.0.len(), MOST_PEERS);
        assert_eq!(
            (peers.told(address(4000)), peers.told(address(5999))),
            (None, Some(address(5999)))
        );
    }
}
