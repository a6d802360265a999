//! `submit` to an https URL: the machine's own certificates decide.

use super::fake_api::answer;
use super::{JOB, MAIL, OK, TEMPFAIL, assert_told, command, file_of, run};
use crate::support::place::Place;
use crate::support::process::Ended;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/tls")
        .join(name)
}

/// A server with the certificate of `localhost` that takes whatever is posted.
fn secure_api() -> SocketAddr {
    let certificate = CertificateDer::from_pem_file(fixture("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(fixture("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(config.clone()).unwrap();
            serve(StreamOwned::new(connection, stream.unwrap()));
        }
    });
    address
}

fn serve(mut stream: StreamOwned<ServerConnection, TcpStream>) {
    let mut request = Vec::new();
    let mut part = [0; 4096];
    while !request.ends_with(b"back.%0A") {
        match stream.read(&mut part) {
            Ok(length @ 1..) => request.extend(&part[..length]),
            // A client that does not trust the certificate has gone.
            _ => return,
        }
    }
    stream
        .write_all(&answer("200 OK", "application/json", JOB))
        .unwrap();
    stream.conn.send_close_notify();
    stream.flush().unwrap();
}

/// Submits to a URL on a machine that trusts what is in `trusted`.
fn submit_trusting(trusted: &Path, url: &str) -> Ended {
    let place = Place::new(&json!({}));
    let mut command = command(&place, &["--url", url]);
    // OpenSSL's name for the file of trusted certificates.
    command.env("SSL_CERT_FILE", trusted).stdin(file_of(MAIL));
    run(&mut command)
}

#[test]
fn a_wiki_with_a_certificate_that_the_machine_trusts_gets_the_mail() {
    let port = secure_api().port();
    for host in ["localhost", "127.0.0.1"] {
        let url = format!("https://{host}:{port}/w/api.php");
        let ended = submit_trusting(&fixture("authority.pem"), &url);
        assert_told(&ended, OK, "2.0.0", &["submitted: job"]);
    }
}

#[test]
fn a_certificate_that_cannot_be_trusted_may_heal() {
    let port = secure_api().port();
    let url = format!("https://localhost:{port}/w/api.php");
    let place = Place::new(&json!({}));
    let none = place.path().join("none.pem");
    std::fs::write(&none, "").unwrap();
    for trusted in [&none, &fixture("server.pem")] {
        let ended = submit_trusting(trusted, &url);
        assert_told(&ended, TEMPFAIL, "4.7.5", &["certificate"]);
    }
    // The name in the URL is the one that is checked.
    let other = format!("https://127.0.0.2:{port}/w/api.php");
    let ended = submit_trusting(&fixture("authority.pem"), &other);
    assert_eq!(ended.code, Some(TEMPFAIL), "{ended:?}");
}
