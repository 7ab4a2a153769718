//! A server's certificate: who issued it, until when it is good, and whether it is trusted.
//!
//! The handshake of this look goes on whatever the certificate says, so that an untrusted one can be told; the verdict
//! is the one that every other connection would come to. Nothing is said over it but what a stranger may say. Known
//! limit: of the certificate (RFC 5280) only the issuer's name and the end of its time are read.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, NaiveDateTime, Utc};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error as RustlsError, SignatureScheme};

use crate::tls;

/// What a server showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SeenCertificate {
    /// The issuer, as far as it has a name.
    pub issuer: Option<String>,
    pub until: Option<DateTime<Utc>>,
    /// Why it is not trusted.
    pub refused: Option<String>,
}

/// Notes the certificate and the verdict, and lets the handshake go on.
#[derive(Debug)]
pub(crate) struct CertificateLook {
    verifier: Arc<dyn ServerCertVerifier>,
    seen: Mutex<Option<SeenCertificate>>,
}

impl CertificateLook {
    /// A look with the roots of an account, and the configuration to connect with.
    pub(crate) fn with(extra_ca: Option<&[u8]>) -> Result<(Arc<Self>, Arc<ClientConfig>), tls::TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = tls::verifier(extra_ca, &provider)?;
        let look = Arc::new(Self { verifier, seen: Mutex::default() });
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| tls::TlsError::NoRoots(error.to_string()))?
            .dangerous() // nothing secret is ever said over it
            .with_custom_certificate_verifier(Arc::clone(&look) as Arc<dyn ServerCertVerifier>)
            .with_no_client_auth();
        Ok((look, Arc::new(config)))
    }

    /// `None`: it came to no certificate.
    pub(crate) fn seen(&self) -> Option<SeenCertificate> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ServerCertVerifier for CertificateLook {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, RustlsError> {
        let verdict =
            self.verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let refused = verdict.err().map(|error| match error {
            RustlsError::InvalidCertificate(reason) => reason.to_string(),
            other => other.to_string(),
        });
        let read = read(end_entity).unwrap_or_default();
        let seen = SeenCertificate { refused, ..read };
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, RustlsError> {
        self.verifier.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, RustlsError> {
        self.verifier.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OBJECT_ID: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const BMP_STRING: u8 = 0x1e;
/// `[0]`, the version.
const VERSION: u8 = 0xa0;
/// Attributes of a name (X.520): commonName, organizationName.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ORGANIZATION: &[u8] = &[0x55, 0x04, 0x0a];

/// One element of DER and what follows it.
struct DerElement<'a> {
    tag: u8,
    content: &'a [u8],
    rest: &'a [u8],
}

fn element(bytes: &[u8]) -> Option<DerElement<'_>> {
    let (tag, bytes) = bytes.split_first()?;
    let (first, mut bytes) = bytes.split_first()?;
    let length = if *first < 0x80 {
        usize::from(*first)
    } else {
        let count = usize::from(first & 0x7f);
        let figures = bytes.get(..count).filter(|_| (1..=4).contains(&count))?;
        bytes = bytes.get(count..)?;
        figures.iter().fold(0, |length, byte| length << 8 | usize::from(*byte))
    };
    Some(DerElement { tag: *tag, content: bytes.get(..length)?, rest: bytes.get(length..)? })
}

/// The content of an element of this kind, and what follows.
fn expect(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let found = element(bytes)?;
    (found.tag == tag).then_some((found.content, found.rest))
}

fn read(certificate: &[u8]) -> Option<SeenCertificate> {
    let (certificate, _) = expect(certificate, SEQUENCE)?;
    let (body, _) = expect(certificate, SEQUENCE)?;
    let body = expect(body, VERSION).map_or(body, |(_, rest)| rest);
    let (_, body) = expect(body, INTEGER)?;
    let (_, body) = expect(body, SEQUENCE)?;
    let (issuer, body) = expect(body, SEQUENCE)?;
    let (validity, _) = expect(body, SEQUENCE)?;
    let not_after = element(element(validity)?.rest)?;
    Some(SeenCertificate { issuer: name(issuer), until: instant(&not_after), refused: None })
}

/// `R11 (Let's Encrypt)`: the common name, and the organization where it is another.
fn name(attributes: &[u8]) -> Option<String> {
    let (mut common, mut organization) = (None, None);
    let mut rest = attributes;
    while let Some(set) = element(rest) {
        rest = set.rest;
        let Some((attribute, _)) = expect(set.content, SEQUENCE) else { continue };
        let Some((kind, value)) = expect(attribute, OBJECT_ID) else { continue };
        let text = element(value).map(|value| text(&value));
        match kind {
            COMMON_NAME => common = text,
            ORGANIZATION => organization = text,
            _ => {}
        }
    }
    match (common, organization) {
        (Some(common), Some(organization)) if common != organization => {
            Some(format!("{common} ({organization})"))
        }
        (common, organization) => common.or(organization),
    }
}

fn text(value: &DerElement<'_>) -> String {
    let text = if value.tag == BMP_STRING {
        let units =
            value.content.chunks_exact(2).filter_map(|pair| Some(u16::from_be_bytes(pair.try_into().ok()?)));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    } else {
        String::from_utf8_lossy(value.content).into_owned()
    };
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

/// RFC 5280 section 4.1.2.5: two figures of the year stand for 1950 to 2049.
fn instant(time: &DerElement<'_>) -> Option<DateTime<Utc>> {
    let written = std::str::from_utf8(time.content).ok()?.strip_suffix('Z')?;
    let century = match written.get(..2) {
        _ if time.tag != UTC_TIME => "",
        Some(year) if year < "50" => "20",
        _ => "19",
    };
    let whole = format!("{century}{written}");
    Some(NaiveDateTime::parse_from_str(&whole, "%Y%m%d%H%M%S").ok()?.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len();
        let mut all = vec![tag];
        if length < 0x80 {
            all.push(u8::try_from(length).unwrap());
        } else {
            all.push(0x82);
            all.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        all.extend(content);
        all
    }

    fn certificate(issuer: &[(&[u8], u8, &[u8])], until: (u8, &str)) -> Vec<u8> {
        let attributes: Vec<u8> = issuer
            .iter()
            .flat_map(|(kind, tag, value)| {
                der(0x31, &der(SEQUENCE, &[der(OBJECT_ID, kind), der(*tag, value)].concat()))
            })
            .collect();
        let times = [der(UTC_TIME, b"260101000000Z"), der(until.0, until.1.as_bytes())].concat();
        let body = [
            der(VERSION, &der(INTEGER, &[2])),
            der(INTEGER, &[1; 20]),
            der(SEQUENCE, &[]),
            der(SEQUENCE, &attributes),
            der(SEQUENCE, &times),
            der(SEQUENCE, &[0; 300]),
        ];
        der(SEQUENCE, &[der(SEQUENCE, &body.concat()), der(SEQUENCE, &[])].concat())
    }

    #[test]
    fn issuer_and_end_are_read() {
        let utf8 = 0x0c;
        let both: &[(&[u8], u8, &[u8])] =
            &[(ORGANIZATION, utf8, "Vendor Büro".as_bytes()), (COMMON_NAME, BMP_STRING, &[0, b'C', 0, b'A'])];
        let seen = read(&certificate(both, (UTC_TIME, "270204120000Z"))).unwrap();
        assert_eq!(seen.issuer.as_deref(), Some("CA (Vendor Büro)"));
        assert_eq!(seen.until.unwrap().to_rfc3339(), "2027-02-04T12:00:00+00:00");
        let seen = read(&certificate(&[], (0x18, "20510204120000Z"))).unwrap();
        assert_eq!(
            (seen.issuer, seen.until.unwrap().to_rfc3339()),
            (None, "2051-02-04T12:00:00+00:00".to_owned())
        );
        let whole = certificate(both, (UTC_TIME, "270204120000Z"));
        for end in 0..whole.len() {
            let _ = read(&whole[..end]);
        }
        assert_eq!(read(b"nonsense"), None);
    }
}
