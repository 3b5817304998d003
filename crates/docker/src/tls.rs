//! The way to an engine behind TLS: both sides show a certificate, and the engine's must be of the authority that is named.

use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use super::endpoint::Tls;

/// An engine behind TLS, with what it takes to be let in.
#[derive(Clone)]
pub(super) struct Guarded {
    address: String,
    name: ServerName<'static>,
    config: Arc<ClientConfig>,
}

impl std::fmt::Debug for Guarded {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Guarded").field(&self.address).finish()
    }
}

impl Guarded {
    /// Reads the certificates and the key; gives why that can't be done.
    pub(super) fn new(address: &str, tls: &Tls) -> Result<Self, String> {
        let (Some(ca), Some(cert), Some(key), false) = (&tls.ca, &tls.cert, &tls.key, tls.skip_verify) else {
            return Err("it needs ca.pem, cert.pem and key.pem, and verification".to_owned());
        };
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host).trim_matches(['[', ']']);
        let name = ServerName::try_from(host.to_owned()).map_err(|_| format!("{host} is no name of a host"))?;
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates(ca)?);
        let own = certificates(cert)?;
        let key = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, &error))?;
        let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_root_certificates(roots).with_client_auth_cert(own, key));
        let config = config.map_err(|error| format!("{} and its key do not go together: {error}", cert.display()))?;
        Ok(Self { address: address.to_owned(), name, config: Arc::new(config) })
    }

    /// Connects, and sees that it is the engine that was meant.
    pub(super) async fn connect(&self) -> io::Result<TlsStream<TcpStream>> {
        let stream = super::named::connect(&self.address).await?;
        TlsConnector::from(self.config.clone()).connect(self.name.clone(), stream).await
    }
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let all = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
    all.map_err(|error| unreadable(file, &error))
}

fn unreadable(file: &Path, error: &dyn std::error::Error) -> String {
    format!("{} can't be read: {error}", file.display())
}
