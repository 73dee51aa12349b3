//! TLS from files that change: certificates are renewed while the server runs.
//!
//! ```text
//!   files ──look──▶ a pair that fits ──▶ shown to whoever connects from now on
//!                 └▶ anything else ────▶ the former one stays, and the log says why
//! ```

use std::{
    convert::Infallible,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use ring::digest::{SHA256, digest};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject};
use tokio::time::{MissedTickBehavior, interval};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        crypto::ring::default_provider,
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
};

/// How often the files are looked at.
const LOOK_PERIOD: Duration = Duration::from_secs(10);

/// Where a certificate and its key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// PEM file: the server's certificate first, then those that vouch for it.
    pub certificate: PathBuf,
    /// PEM file.
    pub key: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{} cannot be read: {source}", file.display())]
    Read { file: PathBuf, source: io::Error },
    #[error("{} holds no certificate or key for TLS: {source}", file.display())]
    Pem { file: PathBuf, source: pem::Error },
    #[error("certificate and key do not fit: {0}")]
    Pair(#[from] rustls::Error),
}

/// What the server shows of itself, as its files have it now.
#[derive(Debug)]
pub struct TlsIdentity {
    files: TlsFiles,
    loaded: Fingerprint,
    current: Arc<Current>,
}

/// Of what was read, good or not, to tell whether it is another: hashes, because one is a key.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fingerprint([Vec<u8>; 2]);

#[derive(Debug)]
struct Current(RwLock<Arc<CertifiedKey>>);

struct Pair {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl TlsIdentity {
    /// Reads the files.
    ///
    /// # Errors
    /// They hold no certificate, or no key that belongs to it.
    pub fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let pair = Pair::read(&files)?;
        let shown = Arc::new(pair.parse(&files)?);
        Ok(Self {
            current: Arc::new(Current(RwLock::new(shown))),
            loaded: pair.fingerprint(),
            files,
        })
    }

    pub fn files(&self) -> &TlsFiles {
        &self.files
    }

    /// TLS 1.2 and later with this certificate. `protocols` are for clients that name theirs (ALPN).
    ///
    /// # Errors
    /// None that a caller could do something about.
    pub fn acceptor(&self, protocols: &[&[u8]]) -> Result<TlsAcceptor, TlsError> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(self.current.clone());
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Shows what the files hold, whenever that changes, until it is dropped.
    pub async fn follow(&self) -> Infallible {
        let mut looks = interval(LOOK_PERIOD);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut seen = Some(self.loaded.clone());
        loop {
            looks.tick().await;
            let files = self.files.clone();
            let read = tokio::task::spawn_blocking(move || Pair::read(&files)).await;
            if let Ok(read) = read {
                self.take(read, &mut seen);
            }
        }
    }

    /// What was seen before, good or not, is not looked at again; nothing was seen of what cannot be read.
    fn take(&self, read: Result<Pair, TlsError>, seen: &mut Option<Fingerprint>) {
        let fingerprint = read.as_ref().ok().map(Pair::fingerprint);
        if fingerprint == *seen {
            return;
        }
        *seen = fingerprint;
        match read.and_then(|pair| pair.parse(&self.files)) {
            Ok(pair) => {
                self.current.replace(pair);
                tracing::info!(file = %self.files.certificate.display(), "another certificate");
            }
            Err(error) => tracing::warn!(%error, "the former certificate stays"),
        }
    }
}

impl Pair {
    fn read(files: &TlsFiles) -> Result<Self, TlsError> {
        let read = |file: &Path| {
            fs::read(file).map_err(|source| TlsError::Read {
                file: file.to_owned(),
                source,
            })
        };
        Ok(Self {
            certificate: read(&files.certificate)?,
            key: read(&files.key)?,
        })
    }

    fn parse(&self, files: &TlsFiles) -> Result<CertifiedKey, TlsError> {
        let certificates = certificates(&self.certificate).map_err(unusable(&files.certificate))?;
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(unusable(&files.key))?;
        Ok(CertifiedKey::from_der(
            certificates,
            key,
            &default_provider(),
        )?)
    }

    fn fingerprint(&self) -> Fingerprint {
        let hash = |bytes: &[u8]| digest(&SHA256, bytes).as_ref().to_vec();
        Fingerprint([hash(&self.certificate), hash(&self.key)])
    }
}

fn certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(text).collect::<Result<_, _>>()?;
    match certificates.is_empty() {
        true => Err(pem::Error::NoItemsFound),
        false => Ok(certificates),
    }
}

fn unusable(file: &Path) -> impl FnOnce(pem::Error) -> TlsError {
    let file = file.to_owned();
    move |source| TlsError::Pem { file, source }
}

impl Current {
    fn replace(&self, pair: CertifiedKey) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pair);
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Some(current.clone())
    }
}

#[cfg(test)]
mod tests {
    use rcgen::generate_simple_self_signed;
    use tempfile::TempDir;

    use super::*;

    fn write(folder: &TempDir) -> CertificateDer<'static> {
        let made = generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        fs::write(folder.path().join("cert.pem"), made.cert.pem()).expect("written");
        fs::write(
            folder.path().join("key.pem"),
            made.signing_key.serialize_pem(),
        )
        .expect("written");
        made.cert.der().clone()
    }

    fn files(folder: &TempDir) -> TlsFiles {
        TlsFiles {
            certificate: folder.path().join("cert.pem"),
            key: folder.path().join("key.pem"),
        }
    }

    fn shown(identity: &TlsIdentity) -> CertificateDer<'static> {
        let current = identity.current.0.read().expect("nobody panicked");
        current.cert[0].clone()
    }

    #[test]
    fn another_pair_takes_over_and_a_broken_one_does_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = write(&folder);
        let identity = TlsIdentity::load(files(&folder)).expect("a pair");
        assert_eq!(shown(&identity), first);
        let mut seen = Some(identity.loaded.clone());
        let mut look = || identity.take(Pair::read(&files(&folder)), &mut seen);

        let second = write(&folder);
        look();
        assert_eq!(shown(&identity), second);

        let key = fs::read(&identity.files.key).expect("a key");
        let third = write(&folder);
        let breakages: [&dyn Fn(); 3] = [
            &|| fs::write(&identity.files.certificate, "no certificate").expect("written"),
            // A key of another certificate: renewals write one file after the other.
            &|| {
                write(&folder);
                fs::write(&identity.files.key, &key).expect("written");
            },
            &|| fs::remove_file(&identity.files.key).expect("removed"),
        ];
        look();
        assert_eq!(shown(&identity), third);
        for breakage in breakages {
            breakage();
            look();
            assert_eq!(shown(&identity), third);
        }
        let fourth = write(&folder);
        look();
        assert_eq!(shown(&identity), fourth);
    }

    #[test]
    fn a_pair_that_does_not_fit_is_refused_at_the_start() {
        let folder = tempfile::tempdir().expect("a folder");
        write(&folder);
        let key = fs::read(files(&folder).key).expect("a key");
        write(&folder);
        fs::write(files(&folder).key, key).expect("written");
        let refused = TlsIdentity::load(files(&folder)).expect_err("no pair");
        assert!(matches!(refused, TlsError::Pair(_)), "{refused}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_files_are_looked_at_again_and_again() {
        let folder = tempfile::tempdir().expect("a folder");
        write(&folder);
        let identity = TlsIdentity::load(files(&folder)).expect("a pair");
        let second = write(&folder);
        let change = async {
            while shown(&identity) != second {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            never = identity.follow() => match never {},
            () = change => (),
        }
    }
}
