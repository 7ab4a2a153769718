//! How long after its delivery a mail has become a committed verdict, and how long commands wait while mail keeps coming.
//!
//! The servers tell of new mail at once, so that nothing hides behind a timer of theirs.

use std::io::{BufRead, BufReader, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use baton::agent::seed;
use rusqlite::{Connection, OpenFlags};

use super::measure::{self, Agent, Spent, pause, percentile, run};
use super::stage::{PAIRS, Stage, ae_address};
use super::{FOLDERS, to_send, words};

const MAILS: usize = 100;

/// A client that waits on a mailbox: when it heard of mail.
fn waiting_client(port: u16, address: &str) -> Receiver<Instant> {
    let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", port)).unwrap());
    stream.get_ref().set_nodelay(true).unwrap();
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    for (tag, text) in [("a", format!("LOGIN {address} secret")), ("b", "EXAMINE INBOX".to_owned())] {
        stream.get_mut().write_all(format!("{tag} {text}\r\n").as_bytes()).unwrap();
        while !line.starts_with(tag) {
            line.clear();
            stream.read_line(&mut line).unwrap();
        }
    }
    stream.get_mut().write_all(b"c IDLE\r\n").unwrap();
    let (heard, hears) = channel();
    std::thread::spawn(move || {
        for line in stream.lines().map_while(Result::ok) {
            if line.contains("EXISTS") && heard.send(Instant::now()).is_err() {
                return;
            }
        }
    });
    hears
}

fn looks_into(dir: &Path) -> Connection {
    Connection::open_with_flags(dir.join("baton.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

/// Waits until the message is in the database, which it is together with what was judged of it.
fn committed(database: &Connection, id: &str, since: Instant) -> f64 {
    let mut look = database
        .prepare_cached("SELECT count(*) FROM message_keys WHERE kind = 'bears' AND key = ?1")
        .unwrap();
    while since.elapsed() < Duration::from_secs(30) {
        if look.query_row([id], |row| row.get::<_, i64>(0)).unwrap() > 0 {
            return since.elapsed().as_secs_f64() * 1e3;
        }
        std::thread::sleep(Duration::from_micros(300));
    }
    f64::NAN
}

pub(crate) async fn print(sizes: &[(usize, usize)]) {
    println!(
        "\nFrom delivery to the committed verdict, in ms; waits of commands beside mail that keeps coming\n"
    );
    println!(
        "  open closed  notice p50    p99  verdict p50    p99  longest | commands  failed  wait p50  longest  writes over 50 ms"
    );
    for (open, closed) in sizes {
        one(*open, *closed).await;
    }
}

async fn one(open: usize, closed: usize) {
    let mut stage = Stage::set_at(chrono::Utc::now(), open, closed, 6).await;
    stage.sandbox.add_user("ops@vendor.example", "secret");
    let mut agent = Agent::start(stage.dir());
    agent.has_read(FOLDERS).await;
    agent.has_come_to_rest().await;
    let database = looks_into(stage.dir());
    let heard = waiting_client(stage.sandbox.imap_port(), &ae_address(0));
    let (mut notices, mut verdicts) = (Vec::new(), Vec::new());
    for round in 0..MAILS {
        stage.clock.set(chrono::Utc::now());
        while heard.try_recv().is_ok() {}
        let since = Instant::now();
        // Always into the mailbox at which the client waits.
        let of_the_first = (open - open % PAIRS).max(1);
        let id = stage.deliver(Some(round * PAIRS % of_the_first));
        let verdict = tokio::task::block_in_place(|| committed(&database, &id, since));
        let notice = heard.recv_timeout(Duration::from_secs(5)).unwrap();
        notices.push(notice.duration_since(since).as_secs_f64() * 1e3);
        verdicts.push(verdict);
        pause(Duration::from_millis(100)).await;
    }
    let commands = beside_mail(&mut stage, open).await;
    let waits: Vec<f64> = commands.iter().map(|one| one.waited_ms).collect();
    let long = agent.take_long_writes();
    println!(
        "{open:>6} {closed:>6} {:>11.1} {:>6.1} {:>12.1} {:>6.1} {:>8.1} | {:>8}  {:>6}  {:>8.1} {:>8.1}  {}",
        percentile(notices.clone(), 50),
        percentile(notices, 99),
        percentile(verdicts.clone(), 50),
        percentile(verdicts.clone(), 99),
        percentile(verdicts, 100),
        commands.len(),
        0,
        percentile(waits.clone(), 50),
        percentile(waits, 100),
        measure::longest(&long)
    );
    measure::print_long_works(&long);
}

/// Closes, corrects and sends while a mail comes every 20 ms. A command that fails ends the benchmark.
async fn beside_mail(stage: &mut Stage, open: usize) -> Vec<Spent> {
    let dir = stage.dir().to_owned();
    let mut commands: Vec<Vec<String>> = Vec::new();
    for round in 0..10 {
        let id = seed::id_of(round % open);
        commands.push(words(&format!("touch {id} --why seen")));
        commands.push(to_send(stage, 500 + round));
        commands.push(words(&format!("close {id} --why done")));
        commands.push(words(&format!("close {id} --reopen --why undone")));
    }
    let works = tokio::task::spawn_blocking(move || {
        let words =
            |one: &Vec<String>| -> Spent { run(&dir, &one.iter().map(String::as_str).collect::<Vec<_>>()) };
        commands.iter().map(words).collect::<Vec<_>>()
    });
    let mut number = 0;
    while !works.is_finished() {
        stage.clock.set(chrono::Utc::now());
        stage.deliver(if number % 2 == 0 { Some(number % open) } else { None });
        number += 1;
        pause(Duration::from_millis(20)).await;
    }
    works.await.unwrap()
}
