//! A server that follows a script, for what well-behaved servers never do. It reads a line, checks that
//! it is the one expected, and answers with what the script says; `TAG` stands for the line's first word.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread::{self, JoinHandle},
};

pub(crate) struct Script {
    pub port: u16,
    server: JoinHandle<Vec<String>>,
}

impl Script {
    /// Serves one connection: `greeting`, then for each step a line with the first text in it, answered by
    /// the second. At the end it keeps the connection open until the client closes it.
    pub(crate) fn serve(greeting: &str, steps: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let greeting = greeting.to_owned();
        let steps: Vec<_> =
            steps.iter().map(|(line, answer)| ((*line).to_owned(), (*answer).to_owned())).collect();
        let server = thread::spawn(move || follow(listener.accept().unwrap().0, &greeting, &steps));
        Self { port, server }
    }

    /// The IMAP steps that every session begins with, then these.
    pub(crate) fn imap(capabilities: &str, steps: &[(&str, &str)]) -> Self {
        let capability = format!("* CAPABILITY IMAP4rev1 {capabilities}\r\nTAG OK\r\n");
        let mut all =
            vec![("CAPABILITY", capability.as_str()), ("LOGIN", "TAG OK\r\n"), ("CAPABILITY", &capability)];
        all.extend_from_slice(steps);
        Self::serve("* OK ready\r\n", &all)
    }

    /// Waits for the end of the connection; the lines that were read.
    pub(crate) fn lines(self) -> Vec<String> {
        self.server.join().expect("the client followed the script")
    }
}

fn follow(stream: TcpStream, greeting: &str, steps: &[(String, String)]) -> Vec<String> {
    let mut stream = BufReader::new(stream);
    stream.get_mut().write_all(greeting.as_bytes()).unwrap();
    let mut seen = Vec::new();
    for (expected, answer) in steps {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        assert!(line.contains(expected.as_str()), "expected {expected:?}, got {line:?} after {seen:?}");
        let tag = line.split_whitespace().next().unwrap_or_default();
        stream.get_mut().write_all(answer.replace("TAG", tag).as_bytes()).unwrap();
        seen.push(line.trim_end().to_owned());
    }
    let _ = stream.read_to_end(&mut Vec::new());
    seen
}
