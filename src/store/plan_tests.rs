//! How SQLite answers each statement of this room, on the bare schema: a snapshot, and no scan without a reason.
//!
//! The statements are taken from the sources, so that none can be missed: every string that begins like one, and for
//! the few that are put together from parts, the parts at the places where they are handed over.

use std::collections::BTreeSet;
use std::fs;

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};
use syn::visit::Visit;

use super::MIGRATIONS;

/// Statements with a part left open: who is given the part, which argument it is, and the whole.
const TEMPLATES: [(&str, usize, &str, &str); 6] = [
    ("rows", 0, "SELECT {COLUMNS} FROM outbox WHERE {condition} ORDER BY +seq", "{condition}"),
    ("stored_handoffs", 0, "SELECT {COLUMNS} FROM handoffs {which}", "{which}"),
    (
        "folder_states",
        0,
        "SELECT account, folder, uid_validity, next_uid, read_until, failing_since FROM folders {which}",
        "{which}",
    ),
    ("outage_rows", 0, "SELECT seq, account, since, ended, error FROM outages {which}", "{which}"),
    (
        "own_mails",
        0,
        "SELECT token, started, left_at, is_intro, message_id, sender, recipients, copied, subject, reference FROM own_mails WHERE {condition}",
        "{condition}",
    ),
    ("set", 1, "UPDATE outbox SET {assignments} WHERE seq = ?1", "{assignments}"),
];

/// What walks through a whole table or index all the same, and why that is no harm.
const SCANS: [(&str, &str); 31] = [
    ("SELECT DISTINCT mail FROM missing_recipients", "the few whom a mail has not reached, for `outbox`"),
    ("SELECT count(*) FROM missing_recipients m CROSS JOIN outbox", "the few whom a mail has not reached"),
    (
        "SELECT mail, address, answer, first_tried, attempts, refusals, next_attempt FROM missing_recipients WHERE under_way",
        "the few whom a mail has not reached, once at each start",
    ),
    ("SELECT count(*) FROM handoffs WHERE open", "what is open"),
    ("SELECT total(NOT json_extract(verdict", "`metrics` counts the touches of all"),
    (
        "SELECT id, json_extract(record, '$.company') FROM handoffs",
        "after a name that is not known: to say what is near",
    ),
    ("SELECT seq FROM handoffs ORDER BY seq", "for the demo and the tests"),
    ("SELECT id FROM handoffs ORDER BY seq", "`status --all` lists them all"),
    ("SELECT id FROM handoffs WHERE open ORDER BY created_at", "what is open"),
    ("SELECT id, open FROM handoffs WHERE open", "what is open"),
    ("UPDATE handoffs SET wake = ?1 WHERE open", "what is open"),
    ("SELECT min(created_at) FROM handoffs WHERE open", "what is open"),
    ("SELECT id FROM handoffs WHERE awaiting IS NOT NULL", "what waits"),
    ("SELECT id, awaiting_reading FROM handoffs WHERE awaiting IS NOT NULL", "what waits"),
    ("SELECT 1 FROM handoffs WHERE awaiting IS NOT NULL", "what waits"),
    ("SELECT p.account, p.folder, p.uid_validity, p.uid", "the numbers that it is given"),
    ("SELECT m.seq, m.headers, m.body FROM json_each(?1)", "the numbers that it is given"),
    ("SELECT h.id FROM handoffs h WHERE h.awaiting IS NOT NULL", "what waits"),
    ("SELECT DISTINCT awaiting_reading FROM handoffs WHERE awaiting IS NOT NULL", "what waits"),
    ("SELECT seq, data FROM letters WHERE state = 'new'", "letters that nobody has looked at yet"),
    ("SELECT DISTINCT handoff FROM lookbacks", "older mail that is still to be looked up"),
    ("SELECT DISTINCT account FROM folders WHERE watched", "folders that are watched"),
    ("INSERT INTO lookbacks (account, folder, address, handoff, since) SELECT", "folders that are watched"),
    ("SELECT seq FROM outbox WHERE sent_copy = 'due' AND +state = 'sent'", "copies that are owed"),
    (
        "SELECT o.account, min(coalesce(a.copy_retry_at, 0)) FROM outbox o LEFT JOIN outbox_attempts a ON a.seq = o.seq WHERE o.sent_copy = 'due'",
        "copies that are owed",
    ),
    (
        "UPDATE outbox_attempts SET copy_retry_at = max(?1, copy_retry_at - ?2) WHERE copy_retry_at > ?1",
        "copies that are owed, once a clock is set back",
    ),
    ("SELECT p.message, p.uid FROM messages m CROSS JOIN copies p", "texts that are due"),
    (
        "SELECT token, started, left_at, is_intro, message_id, sender, recipients, copied, subject, reference FROM own_mails WHERE is_intro",
        "intros that only the mailboxes know, after a restore",
    ),
    (
        "SELECT token, started, left_at, is_intro, message_id, sender, recipients, copied, subject, reference FROM own_mails WHERE NOT is_intro",
        "mails that only the mailboxes know, while a restored database is caught up with them",
    ),
    ("SELECT at, person, address FROM aliases", "addresses that an SDR has confirmed, one by one"),
    (
        "SELECT seq, subject, what, detail, remedy, since, mended FROM troubles WHERE mended IS NULL",
        "what lasts",
    ),
];

#[derive(Default)]
struct Statements {
    found: BTreeSet<String>,
}

fn normal(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn literal(expression: &syn::Expr) -> Option<String> {
    match expression {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

fn begins_like_sql(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let word = words.next().unwrap_or_default();
    // A word alone is none, such as a journal mode.
    words.next().is_some() && matches!(word, "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "WITH" | "REPLACE")
}

impl<'ast> Visit<'ast> for Statements {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.ident != "tests" {
            syn::visit::visit_item_mod(self, module);
        }
    }

    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        if begins_like_sql(&text.value()) {
            self.found.insert(normal(&text.value()));
        }
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        for token in called.tokens.clone() {
            if let proc_macro2::TokenTree::Literal(literal) = token
                && let syn::Lit::Str(text) = syn::Lit::new(literal)
            {
                self.visit_lit_str(&text);
            }
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let template = TEMPLATES.iter().find(|(method, ..)| call.method == method);
        if let Some((method, place, whole, hole)) = template {
            let part = call.args.iter().nth(*place).and_then(literal);
            let is_ours = matches!(&*call.receiver, syn::Expr::Path(path) if path.path.is_ident("self"));
            if let Some(part) = part {
                self.found.insert(normal(&whole.replace(hole, &part)));
            } else {
                assert!(!is_ours, "`{method}` is given a part that is no literal");
            }
        }
        syn::visit::visit_expr_method_call(self, call);
    }
}

fn statements() -> Vec<String> {
    let mut statements = Statements::default();
    for entry in fs::read_dir("src/store").unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".rs") && !name.ends_with("tests.rs") {
            statements.visit_file(&syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap());
        }
    }
    let is_template = |sql: &String| TEMPLATES.iter().any(|(_, _, whole, _)| sql == whole);
    statements.found.into_iter().filter(|sql| !is_template(sql)).collect()
}

/// A statement that can be prepared: columns that are left out are of no matter for the way to the rows.
fn preparable(sql: &str) -> String {
    let sql = sql.replace("{COLUMNS}", "*");
    assert!(
        !sql.contains('{'),
        "a statement that is put together in a way that this test does not know: {sql}"
    );
    sql
}

fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    let mut rows = statement.raw_query();
    let mut lines = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        lines.push(row.get::<_, String>("detail").unwrap());
    }
    lines
}

fn bare_schema() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    Migrations::new(MIGRATIONS.iter().map(|sql| M::up(sql)).collect()).to_latest(&mut connection).unwrap();
    connection
}

#[test]
fn every_statement_goes_by_an_index_or_says_why_not() {
    let connection = bare_schema();
    let statements = statements();
    assert!(statements.len() > 80, "only {} statements were found", statements.len());
    let mut text = String::new();
    let mut scans = Vec::new();
    for sql in &statements {
        let lines = plan(&connection, &preparable(sql));
        text.push_str(&format!("{sql}\n"));
        for line in &lines {
            text.push_str(&format!("    {line}\n"));
        }
        let is_scan = lines.iter().any(|line| line.starts_with("SCAN ") && !line.contains("CONSTANT ROW"));
        if is_scan && !SCANS.iter().any(|(named, _)| sql.replace("{COLUMNS}", "seq").starts_with(named)) {
            scans.push(format!("{sql}\n    {}", lines.join("\n    ")));
        }
    }
    assert!(scans.is_empty(), "scans that nobody has given a reason for:\n{}", scans.join("\n"));
    insta::assert_snapshot!(text);
}

/// Mail ends as sent and stays so: an index by that state names all that ever left.
#[test]
fn no_statement_goes_by_the_state_in_which_all_mail_ends() {
    let connection = bare_schema();
    let mut asked = 0;
    for sql in statements() {
        let names_it = sql.contains("state = 'sent'") || sql.contains("state IN ('sent'");
        let lines = plan(&connection, &preparable(&sql));
        let goes_by_it =
            |line: &String| line.contains("outbox") && line.contains("state=?") && !line.contains("scope=?");
        asked += usize::from(names_it);
        assert!(!names_it || !lines.iter().any(goes_by_it), "{sql}\n    {}", lines.join("\n    "));
    }
    assert!(asked > 4, "only {asked} statements ask for mail that was sent");
}

#[test]
fn nobody_looks_at_statistics_that_a_database_may_or_may_not_have() {
    for sql in MIGRATIONS.iter().map(|sql| (*sql).to_owned()).chain(statements()) {
        assert!(!sql.to_uppercase().contains("ANALYZE"), "{sql}");
    }
}
