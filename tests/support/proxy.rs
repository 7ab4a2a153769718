//! A TCP proxy with faults, to stand between baton and a server. It sees plain text only, so the faults
//! that depend on what is said need a connection without TLS.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Connections stay open, nothing gets through any more.
    Silence,
    /// Every piece arrives this much later.
    Latency(Duration),
    /// Existing connections are cut; new ones are cut as soon as they are made.
    Cut,
    /// SMTP: the message reaches the server, the answer to its final dot does not reach the client, and
    /// the connection is cut.
    SwallowFinalAnswer,
    /// SMTP: the same, and the connection stays open in silence.
    WithholdFinalAnswer,
    /// SMTP: the same, and the answer reaches the client once there is another fault, or none.
    HoldFinalAnswer,
    /// SMTP: the connection is cut when the message begins.
    CutInMessage,
    /// The connection is cut after the server has sent this many bytes from now on.
    CutAfter(usize),
    /// These bytes come in the open, in one piece with what the server answers to STARTTLS.
    InjectAfterStarttls(&'static [u8]),
}

pub(crate) struct Proxy {
    pub port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    fault: Mutex<Fault>,
    open: Mutex<Vec<TcpStream>>,
    ended: AtomicBool,
    from_server: AtomicUsize,
    /// How many connections were made.
    connections: AtomicUsize,
    /// SMTP: every message that was begun, one after the other.
    messages: Mutex<Vec<Arc<Mutex<Vec<u8>>>>>,
}

/// What ends a message over SMTP.
const END: &[u8] = b"\r\n.\r\n";

impl Proxy {
    /// Between the returned port and `target`, both on loopback.
    pub(crate) fn to(target: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            fault: Mutex::new(Fault::None),
            open: Mutex::default(),
            ended: AtomicBool::new(false),
            from_server: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            messages: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming() {
                if accepting.ended.load(Ordering::SeqCst) {
                    return;
                }
                accepting.serve(client.unwrap(), target);
            }
        });
        Self { port, shared }
    }

    /// Counts for existing and for new connections.
    pub(crate) fn set(&self, fault: Fault) {
        self.shared.from_server.store(0, Ordering::SeqCst);
        *self.shared.fault.lock().unwrap() = fault;
        if fault == Fault::Cut {
            self.shared.cut();
        }
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// SMTP: what has come of each message so far, its end included where that has come. Only what is said in plain
    /// text is seen.
    pub(crate) fn messages(&self) -> Vec<String> {
        let messages = self.shared.messages.lock().unwrap();
        messages.iter().map(|one| String::from_utf8_lossy(&one.lock().unwrap()).into_owned()).collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        self.shared.cut();
        // Wakes the accepting thread, so that it sees the end.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// What one connection has come to, as the client's side sees it.
#[derive(Default)]
struct Talk {
    in_message: AtomicBool,
    dot_sent: AtomicBool,
    /// What has come of the message that is under way.
    message: Mutex<Arc<Mutex<Vec<u8>>>>,
    asked_for_tls: AtomicBool,
}

impl Shared {
    fn fault(&self) -> Fault {
        *self.fault.lock().unwrap()
    }

    fn cut(&self) {
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn serve(self: &Arc<Self>, client: TcpStream, target: u16) {
        self.connections.fetch_add(1, Ordering::SeqCst);
        let Ok(server) = TcpStream::connect(("127.0.0.1", target)) else {
            return;
        };
        if self.fault() == Fault::Cut {
            return;
        }
        self.open.lock().unwrap().extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
        let talk = Arc::new(Talk::default());
        let (client_in, server_in) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        let (upward, downward) = ((Arc::clone(self), Arc::clone(&talk)), (Arc::clone(self), talk));
        thread::spawn(move || pump(client_in, server, |bytes| upward.0.upward(&upward.1, bytes)));
        thread::spawn(move || pump(server_in, client, |bytes| downward.0.downward(&downward.1, bytes)));
    }

    fn upward(&self, talk: &Talk, bytes: &[u8]) -> Verdict {
        let fault = self.fault();
        if talk.in_message.load(Ordering::SeqCst) {
            if fault == Fault::CutInMessage {
                return Verdict::Cut;
            }
            let message = talk.message.lock().unwrap();
            let mut message = message.lock().unwrap();
            message.extend_from_slice(bytes);
            if message.ends_with(END) {
                talk.in_message.store(false, Ordering::SeqCst);
                talk.dot_sent.store(true, Ordering::SeqCst);
            }
        } else if bytes.ends_with(b"STARTTLS\r\n") {
            talk.asked_for_tls.store(true, Ordering::SeqCst);
        } else if bytes.eq_ignore_ascii_case(b"DATA\r\n") {
            talk.in_message.store(true, Ordering::SeqCst);
            let message = Arc::default();
            *talk.message.lock().unwrap() = Arc::clone(&message);
            self.messages.lock().unwrap().push(message);
        }
        match fault {
            Fault::Silence => Verdict::Drop,
            Fault::Latency(delay) => Verdict::Late(delay),
            _ => Verdict::Pass,
        }
    }

    fn downward(&self, talk: &Talk, bytes: &[u8]) -> Verdict {
        let so_far = self.from_server.fetch_add(bytes.len(), Ordering::SeqCst) + bytes.len();
        let dot_sent = talk.dot_sent.load(Ordering::SeqCst);
        match self.fault() {
            Fault::Silence => Verdict::Drop,
            Fault::Latency(delay) => Verdict::Late(delay),
            Fault::SwallowFinalAnswer if dot_sent => Verdict::Cut,
            Fault::WithholdFinalAnswer if dot_sent => Verdict::Drop,
            Fault::HoldFinalAnswer if dot_sent => {
                while self.fault() == Fault::HoldFinalAnswer && !self.ended.load(Ordering::SeqCst) {
                    thread::sleep(Duration::from_millis(10));
                }
                Verdict::Pass
            }
            Fault::InjectAfterStarttls(more) if talk.asked_for_tls.swap(false, Ordering::SeqCst) => {
                Verdict::Also(more)
            }
            Fault::CutAfter(limit) if so_far > limit => Verdict::Cut,
            _ => Verdict::Pass,
        }
    }
}

enum Verdict {
    Pass,
    Late(Duration),
    /// With this behind it.
    Also(&'static [u8]),
    Drop,
    Cut,
}

fn pump(mut from: TcpStream, mut to: TcpStream, judge: impl Fn(&[u8]) -> Verdict) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let mut bytes = &buffer[..length];
        let longer: Vec<u8>;
        match judge(bytes) {
            Verdict::Pass => {}
            Verdict::Also(more) => {
                longer = [bytes, more].concat();
                bytes = &longer;
            }
            Verdict::Late(delay) => thread::sleep(delay),
            Verdict::Drop => continue,
            Verdict::Cut => break,
        }
        if to.write_all(bytes).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
