//! Whom a connection trusts, and how it shows itself.
//!
//! Chains are proven by webpki, which accepts no authority as a server. People make one self-signed certificate and give it to
//! both sides, and restic takes that: a certificate that was itself given as trusted needs no chain.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use holdfast_format::{Error, Result};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;

use crate::BackendOptions;

type Chain = Vec<CertificateDer<'static>>;
type Verified<T> = std::result::Result<T, rustls::Error>;

/// Reads certificates only now, when there is TLS.
pub fn config(options: &BackendOptions) -> Result<ClientConfig> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let servers = Servers::new(options, &provider)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|why| unusable(&why))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(servers));
    let mut config = match &options.tls_client_cert {
        None => config.with_no_client_auth(),
        Some(path) => {
            let (chain, key) = identity(path)?;
            config.with_client_auth_cert(chain, key).map_err(|_| no_identity(path))?
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Refuses files of certificates that options name and that are none, whether the store needs them or not.
pub fn check_files(options: &BackendOptions) -> Result<()> {
    options.cacert.iter().try_for_each(|path| authorities(path).map(drop))?;
    options.tls_client_cert.iter().try_for_each(|path| identity(path).map(drop))
}

/// What to do about a server that is not who it should be: it will not become so by asking again.
pub fn remedy(why: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
    let Some(rustls::Error::InvalidCertificate(why)) = why.downcast_ref() else { return None };
    Some(match why {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "ask for it by a name that its certificate has"
        }
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => {
            "renew the server's certificate, or set the clock of this machine"
        }
        _ => "trust its authority with --cacert",
    })
}

/// Which servers are believed.
#[derive(Debug)]
struct Servers {
    /// `None`: all.
    chains: Option<Arc<dyn ServerCertVerifier>>,
    /// Certificates that were given as trusted.
    given: Chain,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Servers {
    fn new(options: &BackendOptions, provider: &Arc<CryptoProvider>) -> Result<Self> {
        let given = options.cacert.iter().map(|path| authorities(path)).collect::<Result<Vec<_>>>()?.concat();
        let chains: Option<Arc<dyn ServerCertVerifier>> = match options.cacert.first() {
            _ if options.insecure_tls => None,
            None => Some(Arc::new(Verifier::new(provider.clone()).map_err(|why| unusable(&why))?)),
            Some(path) => Some(chains(&given, path, provider)?),
        };
        Ok(Self { chains, given, algorithms: provider.signature_verification_algorithms })
    }
}

impl ServerCertVerifier for Servers {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Verified<ServerCertVerified> {
        let Some(chains) = &self.chains else { return Ok(ServerCertVerified::assertion()) };
        match chains.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(why) if is_authority_in_its_time(&why) && self.given.contains(end_entity) => {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Verified<HandshakeSignatureValid> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Verified<HandshakeSignatureValid> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// webpki looks at the time first.
fn is_authority_in_its_time(why: &rustls::Error) -> bool {
    let rustls::Error::InvalidCertificate(CertificateError::Other(why)) = why else { return false };
    matches!(why.0.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
}

fn chains(given: &Chain, path: &Path, provider: &Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(given.iter().cloned());
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_err(|_| no_certificate(path))
}

fn authorities(path: &Path) -> Result<Chain> {
    let found: Chain =
        CertificateDer::pem_slice_iter(&read(path)?).filter_map(std::result::Result::ok).collect();
    if found.is_empty() { Err(no_certificate(path)) } else { Ok(found) }
}

fn identity(path: &Path) -> Result<(Chain, PrivateKeyDer<'static>)> {
    let pem = read(path)?;
    let chain = CertificateDer::pem_slice_iter(&pem).collect::<std::result::Result<Chain, _>>();
    let key = PrivateKeyDer::from_pem_slice(&pem);
    chain.and_then(|chain| Ok((chain, key?))).map_err(|_| no_identity(path))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|why| Error::local(path.as_os_str().as_encoded_bytes(), why))
}

fn no_certificate(path: &Path) -> Error {
    Error::refused(format!("{}: no certificate in it; --cacert wants PEM", path.display()))
}

fn no_identity(path: &Path) -> Error {
    let wanted = "not a certificate with its key; --tls-client-cert wants both as PEM in one file";
    Error::refused(format!("{}: {wanted}", path.display()))
}

fn unusable(why: &rustls::Error) -> Error {
    Error::refused(format!("TLS cannot be set up: {why}"))
}
