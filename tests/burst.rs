//! Mail that is due at one moment leaves over a few connections that are used again, and each mail once.
//!
//! The server counts what it hears. Known limit: how long a burst takes is measured elsewhere; here only work is counted.

#![expect(clippy::unwrap_used, reason = "outside a test function, but of tests alone")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use baton::agent::app::App;
use baton::agent::delivery_right::take_lease;
use baton::agent::once::send_from;
use baton::agent::{send, setup};
use baton::clock::{Clock, Zones, utc};
use baton::config::{self, Surroundings};
use baton::record::{ParseContext, parse};
use baton::store::OutboxState;
use chrono::{DateTime, Utc};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

const NOW: &str = "2026-11-24T15:00:00Z";

/// How many mails are due.
const BURST: usize = 40;

/// What a server has heard, by its first word, and what it has open.
#[derive(Debug, Default)]
struct Counts {
    words: BTreeMap<String, usize>,
    open: usize,
    most_open: usize,
}

/// Serves at most `allowed` connections at the same time, and ends each after its 60th mail with 421.
async fn serve(listener: TcpListener, counts: Arc<Mutex<Counts>>, allowed: usize) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let open = {
            let mut counts = counts.lock().unwrap();
            *counts.words.entry("CONNECT".to_owned()).or_default() += 1;
            counts.open += 1;
            counts.open
        };
        let counts = Arc::clone(&counts);
        tokio::spawn(async move {
            if open > allowed {
                let _ = stream.write_all(b"421 4.7.0 too many connections\r\n").await;
            } else {
                let most = &mut counts.lock().unwrap().most_open;
                *most = open.max(*most);
            }
            if open <= allowed {
                talk(stream, &counts).await;
            }
            counts.lock().unwrap().open -= 1;
        });
    }
}

async fn talk(stream: TcpStream, counts: &Mutex<Counts>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 hi\r\n").await.ok()?;
    let mut in_message = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end();
        if in_message && line != "." {
            continue;
        }
        let word = line.split(' ').next().unwrap_or_default().to_owned();
        *counts.lock().unwrap().words.entry(word.clone()).or_default() += 1;
        in_message = word == "DATA";
        let answer = match word.as_str() {
            "EHLO" => "250-hi\r\n250 AUTH PLAIN\r\n",
            "AUTH" => "235 ok\r\n",
            "DATA" => "354 go\r\n",
            "QUIT" => "221 bye\r\n",
            _ => "250 ok\r\n",
        };
        // Others get their turn meanwhile, as with a server that is further away.
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        stream.write_all(answer.as_bytes()).await.ok()?;
    }
}

fn app(folder: &std::path::Path, port: u16) -> App {
    let toml = format!(
        r#"database = "baton.db"
[agent]
account = "dana"
operator = "ops@vendor.example"
[accounts.dana]
address = "dana@vendor.example"
imap = "imap://127.0.0.1:1"
smtp = "smtp://127.0.0.1:{port}"
login = "dana@vendor.example"
password = {{ command = ["echo", "secret"] }}
save_sent = false
[[people]]
name = "Dana Fox"
roles = ["sdr"]
address = "dana@vendor.example"
account = "dana"
manager = "Morgan Hale"
[[people]]
name = "Calvin Reyes"
roles = ["ae"]
address = "calvin@vendor.example"
zone = "America/New_York"
manager = "Morgan Hale"
[[people]]
name = "Morgan Hale"
roles = ["manager"]
address = "morgan@vendor.example"
"#
    );
    let file = folder.join("baton.toml");
    std::fs::write(&file, toml).unwrap();
    let zones = Zones::built_in();
    let config = config::load(&file, &Surroundings { zones: &zones, machine: utc() }).unwrap();
    setup::build_app(&config, Clock::standing_at(NOW.parse().unwrap()), zones).unwrap()
}

async fn queue_intros(app: &Arc<App>) {
    let now: DateTime<Utc> = NOW.parse().unwrap();
    for number in 0..BURST {
        let text = include_str!("support/record.txt")
            .replace("{start}", "2026-11-27 15:00 UTC")
            .replace("{length}", "30 min")
            .replace("acme.example", &format!("acme{number}.example"))
            .replace("Acme Corp", &format!("Acme{number} Corp"));
        let context = ParseContext {
            people: &app.policy.people,
            zones: &app.zones,
            now,
            extra_conditions: &[],
            path: "record.txt",
        };
        let record = parse(&text, &context).map_err(|faults| format!("{faults:?}")).unwrap().record;
        send::commit(app, record, text, false).await.unwrap().unwrap();
    }
}

async fn burst(allowed: usize) -> (Counts, usize) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let counts = Arc::new(Mutex::new(Counts::default()));
    let server = tokio::spawn(serve(listener, Arc::clone(&counts), allowed));
    let folder = tempfile::tempdir().unwrap();
    let app = Arc::new(app(folder.path(), port));
    queue_intros(&app).await;
    take_lease(&app).await.unwrap();
    send_from(&app, "dana").await.unwrap();
    let sent = app.read(|_, tx| tx.in_state(OutboxState::Sent)).await.unwrap();
    server.abort();
    let intros = sent.iter().filter(|row| row.key.kind.name() == "intro").count();
    (std::mem::take(&mut *counts.lock().unwrap()), intros)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_leaves_over_a_few_connections_each_mail_once() {
    let (counts, intros) = burst(10).await;
    assert_eq!(intros, BURST);
    let heard = |word: &str| counts.words.get(word).copied().unwrap_or_default();
    // Each intro brings the record to the AE.
    assert_eq!((heard("DATA"), heard(".")), (2 * BURST, 2 * BURST), "{counts:?}");
    assert!(heard("CONNECT") <= 8 && counts.most_open > 1, "{counts:?}");
    assert_eq!(heard("AUTH"), heard("CONNECT"));
    assert_eq!(
        heard("RSET") + heard("CONNECT"),
        2 * BURST,
        "one for each mail but the first of a connection"
    );
    assert_eq!(heard("QUIT"), heard("CONNECT"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_allows_one_connection_is_sent_to_over_one() {
    let (counts, intros) = burst(1).await;
    let heard = |word: &str| counts.words.get(word).copied().unwrap_or_default();
    assert_eq!(counts.most_open, 1);
    assert_eq!(intros, BURST, "what met the limit has waited for the connection");
    assert_eq!((heard("DATA"), heard(".")), (2 * BURST, 2 * BURST), "{counts:?}");
    assert!(heard("CONNECT") <= 12, "{counts:?}");
}
