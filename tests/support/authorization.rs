//! An authorization server on loopback that follows its orders: all four kinds of grant, faults on demand, and the
//! introspection by which Dovecot asks whose a token is.
//!
//! What it gives is real as far as baton and Dovecot can tell: codes are bound to their PKCE challenge and redirect,
//! assertions are verified with the key's public half, refresh tokens count once, tokens expire and can be revoked.

use std::{
    collections::{BTreeMap, VecDeque},
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{digest, signature};
use serde_json::{Value, json};

pub(crate) type Form = BTreeMap<String, String>;

/// What the token endpoint does instead of answering.
#[derive(Clone)]
pub(crate) enum TokenFault {
    Answer(u16, &'static str),
    Slow(Duration),
}

#[derive(Default)]
struct Issued {
    /// Access tokens: whose, and until when.
    tokens: BTreeMap<String, (String, Instant)>,
    refresh: BTreeMap<String, String>,
    /// Codes: whose, the challenge, the redirect.
    codes: BTreeMap<String, (String, String, String)>,
    faults: VecDeque<TokenFault>,
    /// Forms that came to the token endpoint.
    asked: Vec<Form>,
    lifetime: u64,
    /// Who signs in.
    user: String,
    /// How often a device still has to wait.
    pending: u32,
    public_key: Vec<u8>,
    count: u32,
    at_once: u32,
    most_at_once: u32,
}

pub(crate) struct Authorization {
    pub port: u16,
    issued: Arc<Mutex<Issued>>,
}

#[expect(clippy::disallowed_methods, reason = "the server's own time is real")]
fn now() -> Instant {
    Instant::now()
}

impl Authorization {
    pub(crate) fn start(user: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let issued = Issued { lifetime: 3600, user: user.to_owned(), pending: 1, ..Issued::default() };
        let issued = Arc::new(Mutex::new(issued));
        let shared = Arc::clone(&issued);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let issued = Arc::clone(&shared);
                thread::spawn(move || serve(stream, &issued));
            }
        });
        Self { port, issued }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// `oauth2` of an account that asks this server for consent.
    pub(crate) fn custom(&self) -> String {
        format!(
            "oauth2 = {{ custom = {{ authorize = \"{}\", token = \"{}\", device = \"{}\", scopes = [\"mail\"], client_id = \"baton\" }} }}",
            self.url("/authorize"),
            self.url("/token"),
            self.url("/device")
        )
    }

    pub(crate) fn fault(&self, fault: TokenFault) {
        self.issued.lock().unwrap().faults.push_back(fault);
    }

    pub(crate) fn faultless(&self) {
        self.issued.lock().unwrap().faults.clear();
    }

    pub(crate) fn sign_in_as(&self, user: &str) {
        self.issued.lock().unwrap().user = user.to_owned();
    }

    /// Ends every access token before its time.
    pub(crate) fn revoke_tokens(&self) {
        self.issued.lock().unwrap().tokens.clear();
    }

    /// Ends every consent as well.
    pub(crate) fn revoke_grants(&self) {
        let mut issued = self.issued.lock().unwrap();
        issued.tokens.clear();
        issued.refresh.clear();
    }

    /// Forms that the token endpoint got, those of this grant type.
    pub(crate) fn asked(&self, grant_type: &str) -> usize {
        let issued = self.issued.lock().unwrap();
        issued.asked.iter().filter(|form| form["grant_type"].ends_with(grant_type)).count()
    }

    /// How many refreshes were under way at the same time, at most.
    pub(crate) fn most_at_once(&self) -> u32 {
        self.issued.lock().unwrap().most_at_once
    }

    /// Every secret that was given or got.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let issued = self.issued.lock().unwrap();
        let of_forms = issued.asked.iter().flat_map(|form| {
            let names =
                ["assertion", "refresh_token", "client_secret", "code", "device_code", "code_verifier"];
            names.into_iter().filter_map(|name| form.get(name).cloned())
        });
        issued.tokens.keys().cloned().chain(issued.refresh.keys().cloned()).chain(of_forms).collect()
    }

    /// A service account's key file, whose assertions go here.
    pub(crate) fn key_file(&self, folder: &Path) {
        let key = folder.join("key.pem");
        let run = |arguments: &[&str]| {
            let output = Command::new("openssl").args(arguments).output().unwrap();
            assert!(output.status.success(), "openssl {arguments:?}");
            output.stdout
        };
        let path = key.to_str().unwrap();
        run(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", path]);
        let public = run(&["rsa", "-in", path, "-RSAPublicKey_out", "-outform", "DER"]);
        self.issued.lock().unwrap().public_key = public;
        let document = json!({
            "type": "service_account",
            "client_email": "baton@project.iam.gserviceaccount.com",
            "private_key": fs::read_to_string(&key).unwrap(),
            "private_key_id": "1",
            "token_uri": self.url("/token"),
        });
        let file = folder.join("key.json");
        fs::write(&file, document.to_string()).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// What Dovecot needs to take tokens of this server, beside its passwords.
    pub(crate) fn dovecot(&self, bed: &Path) -> String {
        let file = bed.join("oauth2.conf");
        let introspection = self.url("/introspect/");
        fs::write(
            &file,
            format!(
                "introspection_mode = get\nintrospection_url = {introspection}\nusername_attribute = username\n\
                 active_attribute = active\nactive_value = true\n"
            ),
        )
        .unwrap();
        format!(
            "auth_mechanisms = plain login xoauth2 oauthbearer\nauth_cache_size = 0\npassdb {{\n  driver = oauth2\n  \
             mechanisms = xoauth2 oauthbearer\n  args = {}\n}}\n",
            file.display()
        )
    }
}

/// A browser in which somebody is signed in already: follows redirects to their end.
pub(crate) fn browse(address: &str) -> String {
    let mut address = address.to_owned();
    for _ in 0..5 {
        let rest = address.strip_prefix("http://").unwrap();
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (authority, path) = match authority.split_once('?') {
            Some((authority, query)) => (authority.to_owned(), format!("?{query}")),
            None => (authority.to_owned(), path.to_owned()),
        };
        let mut stream = TcpStream::connect(&authority).unwrap();
        write!(stream, "GET /{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        match answer.lines().find_map(|line| line.strip_prefix("Location: ")) {
            Some(next) => address = next.trim().to_owned(),
            None => return answer,
        }
    }
    panic!("redirects without end")
}

fn pairs(text: &str) -> Form {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

fn serve(stream: TcpStream, issued: &Mutex<Issued>) {
    let mut stream = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    if stream.read_line(&mut first).is_err() {
        return;
    }
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    if stream.read_exact(&mut body).is_err() {
        return;
    }
    let target = first.split(' ').nth(1).unwrap_or("/").to_owned();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let form = pairs(&String::from_utf8(body).unwrap());
    let (status, headers, text) = match path {
        "/authorize" => authorize(&pairs(query), issued),
        "/device" => {
            let document = json!({ "device_code": "device-secret", "user_code": "ABCD-EFGH", "verification_uri": "https://login.example/device", "expires_in": 60, "interval": 1 });
            (200, String::new(), document.to_string())
        }
        _ if path.starts_with("/introspect/") => introspect(path.trim_start_matches("/introspect/"), issued),
        _ if path.ends_with("/token") => token_after_faults(form, issued),
        _ => (404, String::new(), "{}".to_owned()),
    };
    let answer = format!(
        "HTTP/1.1 {status} X\r\n{headers}Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
        text.len()
    );
    let _ = stream.get_mut().write_all(answer.as_bytes());
}

type Answer = (u16, String, String);

fn authorize(query: &Form, issued: &Mutex<Issued>) -> Answer {
    let mut issued = issued.lock().unwrap();
    assert_eq!((query["response_type"].as_str(), query["code_challenge_method"].as_str()), ("code", "S256"));
    issued.count += 1;
    let code = format!("code-secret-{}", issued.count);
    let (user, redirect) = (issued.user.clone(), query["redirect_uri"].clone());
    issued.codes.insert(code.clone(), (user, query["code_challenge"].clone(), redirect.clone()));
    let state = &query["state"];
    (302, format!("Location: {redirect}/?code={code}&state={state}\r\n"), String::new())
}

fn introspect(token: &str, issued: &Mutex<Issued>) -> Answer {
    let issued = issued.lock().unwrap();
    // Dovecot adds parameters as if there were a query.
    let token = token.split('&').next().unwrap();
    let document = match issued.tokens.get(token) {
        Some((user, until)) if *until > now() => json!({ "active": true, "username": user }),
        _ => json!({ "active": false }),
    };
    (200, String::new(), document.to_string())
}

fn token_after_faults(form: Form, issued: &Mutex<Issued>) -> Answer {
    let fault = {
        let mut issued = issued.lock().unwrap();
        issued.asked.push(form.clone());
        issued.at_once += 1;
        issued.most_at_once = issued.most_at_once.max(issued.at_once);
        issued.faults.pop_front()
    };
    let answer = match fault {
        Some(TokenFault::Answer(status, text)) => (status, String::new(), text.to_owned()),
        fault => {
            if let Some(TokenFault::Slow(time)) = fault {
                thread::sleep(time);
            }
            match token(&form, &mut issued.lock().unwrap()) {
                Ok(document) => (200, String::new(), document.to_string()),
                Err(error) => (400, String::new(), json!({ "error": error }).to_string()),
            }
        }
    };
    issued.lock().unwrap().at_once -= 1;
    answer
}

fn token(form: &Form, issued: &mut Issued) -> Result<Value, &'static str> {
    let user = match form["grant_type"].as_str() {
        "authorization_code" => {
            let (user, challenge, redirect) = issued.codes.remove(&form["code"]).ok_or("invalid_grant")?;
            let hash = digest::digest(&digest::SHA256, form["code_verifier"].as_bytes());
            if URL_SAFE_NO_PAD.encode(hash) != challenge || form["redirect_uri"] != redirect {
                return Err("invalid_grant");
            }
            user
        }
        "refresh_token" => issued.refresh.remove(&form["refresh_token"]).ok_or("invalid_grant")?,
        "urn:ietf:params:oauth:grant-type:device_code" => {
            if issued.pending > 0 {
                issued.pending -= 1;
                return Err("authorization_pending");
            }
            issued.user.clone()
        }
        "client_credentials" if form["client_secret"] == "app-secret" => issued.user.clone(),
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => subject(&form["assertion"], &issued.public_key)?,
        _ => return Err("invalid_client"),
    };
    issued.count += 1;
    let (access, refresh) =
        (format!("access-secret-{}", issued.count), format!("refresh-secret-{}", issued.count));
    issued.tokens.insert(access.clone(), (user.clone(), now() + Duration::from_secs(issued.lifetime)));
    let mut document =
        json!({ "access_token": access, "token_type": "Bearer", "expires_in": issued.lifetime });
    if !form["grant_type"].ends_with("jwt-bearer") && form["grant_type"] != "client_credentials" {
        issued.refresh.insert(refresh.clone(), user);
        document["refresh_token"] = json!(refresh);
    }
    Ok(document)
}

/// Whose mailbox an assertion asks for, once its signature has been verified.
fn subject(assertion: &str, public_key: &[u8]) -> Result<String, &'static str> {
    let (signed, signature) = assertion.rsplit_once('.').ok_or("invalid_grant")?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| "invalid_grant")?;
    signature::UnparsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, public_key)
        .verify(signed.as_bytes(), &signature)
        .map_err(|_| "invalid_grant")?;
    let claims = signed.split_once('.').unwrap().1;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    assert_eq!(claims["scope"], "https://mail.google.com/");
    assert!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap() <= 3600);
    Ok(claims["sub"].as_str().unwrap().to_owned())
}
