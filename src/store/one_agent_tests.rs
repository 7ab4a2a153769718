//! One database, one agent: the lock, the lease, the marker, copies, and databases that can only be looked at.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use chrono::TimeDelta;

use super::backup::{RestoreOutcome, restore};
use super::*;
use crate::domain::mails::{MailKey, MailKind};
use crate::domain::message::{Address, Mailbox, MessageId};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn store(&self) -> Store {
        Store::open(&self.path("baton.db")).unwrap()
    }
}

async fn meta(store: &Store, key: &'static str) -> Option<String> {
    store.read(move |tx| tx.meta(key)).await.unwrap()
}

async fn set_meta(store: &Store, key: &'static str, value: &'static str) {
    store.write(Priority::Command, move |tx| tx.set_meta(key, value)).await.unwrap();
}

async fn behind(store: &Store) -> Option<BehindSince> {
    store.read(|tx| tx.behind()).await.unwrap()
}

#[test]
fn the_lock_is_on_the_file_whatever_its_name() {
    let place = Place::new();
    let store = place.store();
    let LockOutcome::Ours(lock) = store.lock().unwrap() else { panic!("the lock is free") };
    symlink(place.path("baton.db"), place.path("link.db")).unwrap();
    fs::hard_link(place.path("baton.db"), place.path("hard.db")).unwrap();
    for name in ["link.db", "hard.db"] {
        let other = DatabaseFile::at(&place.path(name)).unwrap().unwrap();
        assert!(matches!(other.lock().unwrap(), LockOutcome::Elsewhere), "{name}");
    }
    let left = fs::read_dir(place.folder.path()).unwrap().map(|entry| entry.unwrap().path());
    for path in left.filter(|path| path.to_string_lossy().contains(".db.")) {
        fs::remove_file(path).unwrap();
    }
    assert!(matches!(place.store().lock().unwrap(), LockOutcome::Elsewhere), "without the files beside it");
    drop(lock);
    assert!(matches!(store.lock().unwrap(), LockOutcome::Ours(_)));
}

#[tokio::test]
async fn every_file_beside_the_database_is_its_owners_alone() {
    let place = Place::new();
    let store = place.store();
    set_meta(&store, "by", "one").await;
    assert!(matches!(store.lock().unwrap(), LockOutcome::Ours(_)));
    assert_eq!(store.take_lease(at(0)).await.unwrap(), LeaseOutcome::Taken);
    store.keep_reserve().unwrap();
    store.back_up(&place.path("baton.db.copy"), at(1)).await.unwrap();
    let mut found = Vec::new();
    for entry in fs::read_dir(place.folder.path()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}: {mode:o}");
        found.push(name);
    }
    for ending in ["", "-wal", "-shm", ".marker", ".reserve", ".waiting", ".copy"] {
        assert!(found.contains(&format!("baton.db{ending}")), "{ending}: {found:?}");
    }
}

#[test]
fn a_database_that_is_gone_or_replaced_is_noticed() {
    let place = Place::new();
    let store = place.store();
    assert_eq!(store.presence(), FilePresence::Same);
    fs::rename(place.path("baton.db"), place.path("away.db")).unwrap();
    assert_eq!(store.presence(), FilePresence::Gone);
    fs::copy(place.path("away.db"), place.path("baton.db")).unwrap();
    assert_eq!(store.presence(), FilePresence::Replaced);
}

#[tokio::test]
async fn none_is_made_where_one_has_been_and_commands_that_read_see_an_empty_one() {
    let place = Place::new();
    let look = |purpose| Store::open_for(&place.path("baton.db"), purpose);
    for purpose in [OpenPurpose::Look, OpenPurpose::Change] {
        let store = look(purpose).unwrap();
        assert_eq!(store.read(|tx| tx.count_open_handoffs()).await.unwrap(), 0);
        drop(store);
        assert_eq!(fs::read_dir(place.folder.path()).unwrap().count(), 0, "{purpose:?} makes nothing");
    }
    drop(place.store());
    let mode = fs::metadata(place.path("baton.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    fs::remove_file(place.path("baton.db")).unwrap();
    assert!(matches!(look(OpenPurpose::Make), Err(StoreError::Gone { .. })));
    assert!(look(OpenPurpose::Look).is_ok());
    fs::remove_file(place.path("baton.db.marker")).unwrap();
    assert!(look(OpenPurpose::Make).is_ok());
}

#[tokio::test]
async fn what_cannot_be_written_can_be_looked_at() {
    let place = Place::new();
    let store = place.store();
    set_meta(&store, "by", "one").await;
    let look = Store::open_for(&place.path("baton.db"), OpenPurpose::Look).unwrap();
    assert_eq!(meta(&look, "by").await.as_deref(), Some("one"), "while it is written");
    let refused = look.write(Priority::Command, |tx| tx.set_meta("by", "other")).await;
    assert!(refused.is_err());
    // As it lies after a crash, where nothing can be made beside it: a copy is looked at.
    fs::create_dir(place.path("kept")).unwrap();
    for ending in ["", "-wal"] {
        let from = place.path(&format!("baton.db{ending}"));
        fs::copy(from, place.path(&format!("kept/baton.db{ending}"))).unwrap();
    }
    let kept = place.path("kept/baton.db");
    let copy = opening::copied_to_look(&kept).unwrap();
    assert_eq!(meta(&copy, "by").await.as_deref(), Some("one"));
    let files = fs::read_dir(place.path("kept")).unwrap().count();
    assert_eq!(files, 2, "nothing was made beside it");
}

#[tokio::test]
async fn the_lease_of_this_machines_dead_is_taken_at_once_and_any_other_lapses() {
    let place = Place::new();
    let (one, other) = (place.store(), place.store());
    assert_eq!(one.take_lease(at(0)).await.unwrap(), LeaseOutcome::Taken);
    assert_eq!(other.take_lease(at(1)).await.unwrap(), LeaseOutcome::Taken, "one has no lock, so it is dead");
    assert!(!one.renew_lease(at(2)).await.unwrap(), "and finds that it has lost the lease");
    assert!(other.renew_lease(at(2)).await.unwrap());
    other.release_lease().await.unwrap();
    // Another machine's.
    one.write(Priority::Command, |tx| tx.lease_to("elsewhere", at(10))).await.unwrap();
    let until = at(70);
    assert_eq!(one.take_lease(at(69)).await.unwrap(), LeaseOutcome::Elsewhere { until });
    one.write(Priority::Command, |tx| tx.lease_to("elsewhere", at(30))).await.unwrap();
    assert!(
        matches!(one.take_lease(at(70)).await.unwrap(), LeaseOutcome::Elsewhere { .. }),
        "it was renewed"
    );
    assert_eq!(one.take_lease(at(90)).await.unwrap(), LeaseOutcome::Taken);
}

#[tokio::test]
async fn a_copy_and_an_older_one_in_its_place_are_known() {
    let place = Place::new();
    let store = place.store();
    store.take_lease(at(0)).await.unwrap();
    store.release_lease().await.unwrap();
    assert_eq!(behind(&store).await, None, "the database as it always was");
    drop(store);
    fs::copy(place.path("baton.db"), place.path("older.db")).unwrap();
    fs::copy(place.path("baton.db"), place.path("copy.db")).unwrap();
    let copy = Store::open(&place.path("copy.db")).unwrap();
    copy.take_lease(at(100)).await.unwrap();
    let found = behind(&copy).await.unwrap();
    assert_eq!((found.why.as_str(), found.found_at), ("it is a copy of another file", Some(at(100))));

    let store = place.store();
    for second in 1..4 {
        store.take_lease(at(second)).await.unwrap();
    }
    assert_eq!(behind(&store).await, None);
    drop(store);
    // In place: the file stays the same one.
    let older = fs::read(place.path("older.db")).unwrap();
    fs::write(place.path("baton.db"), older).unwrap();
    let store = place.store();
    store.take_lease(at(200)).await.unwrap();
    assert_eq!(behind(&store).await.unwrap().why, "it is older than the one that was in its place");
    store.write(Priority::Command, |tx| tx.caught_up()).await.unwrap();
    store.take_lease(at(201)).await.unwrap();
    assert_eq!(behind(&store).await, None);
}

#[tokio::test]
async fn a_backup_is_marked_private_and_put_in_place_with_what_was_there_kept() {
    let place = Place::new();
    let store = place.store();
    set_meta(&store, "state", "then").await;
    store.take_lease(at(0)).await.unwrap();
    store.back_up(&place.path("backup.db"), at(1)).await.unwrap();
    fs::set_permissions(place.path("backup.db"), fs::Permissions::from_mode(0o644)).unwrap();
    store.back_up(&place.path("backup.db"), at(5)).await.unwrap();
    let mode = fs::metadata(place.path("backup.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(behind(&store).await, None, "the copy alone is marked");
    set_meta(&store, "state", "later").await;

    let LockOutcome::Ours(lock) = store.lock().unwrap() else { panic!("the lock is free") };
    let in_use = restore(&place.path("backup.db"), &place.path("baton.db"), at(10)).unwrap();
    assert!(matches!(in_use, RestoreOutcome::InUse));
    drop(lock);
    drop(store);
    for (name, bytes) in [("text.db", &b"no database"[..]), ("empty.db", b"")] {
        fs::write(place.path(name), bytes).unwrap();
        let refused = restore(&place.path(name), &place.path("baton.db"), at(10));
        assert!(matches!(refused, Err(StoreError::NoBackup { .. })), "{name}: {refused:?}");
    }
    let done = restore(&place.path("backup.db"), &place.path("baton.db"), at(10)).unwrap();
    let RestoreOutcome::Done(done) = done else { panic!("{done:?}") };
    assert_eq!(done.as_of, Some(at(5)));
    let kept = Store::open_for(&done.kept.unwrap(), OpenPurpose::Look).unwrap();
    assert_eq!(meta(&kept, "state").await.as_deref(), Some("later"));
    let store = place.store();
    assert_eq!(meta(&store, "state").await.as_deref(), Some("then"));
    assert_eq!(store.take_lease(at(11)).await.unwrap(), LeaseOutcome::Taken);
    let found = behind(&store).await.unwrap();
    assert_eq!((found.as_of, found.found_at), (Some(at(5)), Some(at(11))));
    assert!(!place.path("baton.db.part").exists());
}

/// Whoever is killed between the files of a database has all of it in the one that stays.
#[tokio::test]
async fn what_was_there_before_a_restore_is_whole_without_its_log() {
    let place = Place::new();
    let store = place.store();
    set_meta(&store, "state", "then").await;
    store.back_up(&place.path("backup.db"), at(5)).await.unwrap();
    set_meta(&store, "state", "later").await;
    // As after a kill: the log stays.
    let files = ["baton.db", "baton.db-wal"].map(|name| (name, fs::read(place.path(name)).unwrap()));
    drop(store);
    for (name, bytes) in files {
        fs::write(place.path(name), bytes).unwrap();
    }
    let done = restore(&place.path("backup.db"), &place.path("baton.db"), at(10)).unwrap();
    let RestoreOutcome::Done(done) = done else { panic!("{done:?}") };
    let kept = done.kept.unwrap();
    fs::copy(kept, place.path("alone.db")).unwrap();
    let kept = Store::open_for(&place.path("alone.db"), OpenPurpose::Look).unwrap();
    assert_eq!(meta(&kept, "state").await.as_deref(), Some("later"));
}

/// What was answered is written down by whoever comes next, about the mail that it was about and no other.
#[tokio::test]
async fn answers_that_could_not_be_written_are_kept_beside_the_database() {
    let place = Place::new();
    let store = place.store();
    let answer = KeptAnswer {
        seq: "7".to_owned(),
        message_id: MessageId::new("a@vendor.example").unwrap(),
        at: at(3),
        answer: "250 taken".to_owned(),
        provider_id: MessageId::new("b@provider.example"),
        refused: vec![KeptRefusal {
            address: "c@vendor.example".to_owned(),
            permanent: true,
            text: "550 no".to_owned(),
        }],
    };
    store.keep_answers(std::slice::from_ref(&answer)).unwrap();
    assert_eq!(store.kept_answers(), [answer]);
    let mode = fs::metadata(place.path("baton.db.answers")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    store.forget_kept_answers();
    assert_eq!(store.kept_answers(), []);
}

#[tokio::test]
async fn a_backup_that_was_copied_into_place_by_hand_is_not_mixed_with_what_was_there() {
    let place = Place::new();
    let store = place.store();
    set_meta(&store, "state", "then").await;
    store.back_up(&place.path("backup.db"), at(5)).await.unwrap();
    set_meta(&store, "state", "later").await;
    // As after a kill: the log stays.
    let log = fs::read(place.path("baton.db-wal")).unwrap();
    assert!(!log.is_empty());
    drop(store);
    fs::rename(place.path("backup.db"), place.path("baton.db")).unwrap();
    fs::write(place.path("baton.db-wal"), log).unwrap();
    let store = place.store();
    assert_eq!(meta(&store, "state").await.as_deref(), Some("then"));
    store.check().await.unwrap();
    assert_eq!(behind(&store).await.unwrap().as_of, Some(at(5)));
}

fn mail(scope: Scope, kind: MailKind, about: &str) -> NewMail {
    let sender = Address::new("dana@vendor.example").unwrap();
    let to = Mailbox { name: String::new(), address: sender.clone() };
    NewMail {
        scope,
        key: MailKey { kind, about: about.to_owned() },
        account: "dana".to_owned(),
        sender,
        recipients: Recipients { to: vec![to], cc: Vec::new() },
        not_before: None,
    }
}

#[tokio::test]
async fn copies_give_the_same_mail_the_same_token_and_know_each_others_seals() {
    let place = Place::new();
    drop(place.store());
    fs::copy(place.path("baton.db"), place.path("copy.db")).unwrap();
    let stores = [place.store(), Store::open(&place.path("copy.db")).unwrap()];
    let mut tokens = Vec::new();
    for store in &stores {
        let digest = mail(Scope::Global, MailKind::Digest, "Morgan Hale 2026-W48");
        let trouble = mail(Scope::Global, MailKind::Trouble, "disk #1");
        let made = store.write(Priority::Command, move |tx| {
            let mut tokens = Vec::new();
            for mail in [digest, trouble] {
                tx.make(&mail, at(0))?;
                tokens.push(tx.outbox_by_key(&mail.scope, &mail.key)?.unwrap().token);
            }
            Ok::<_, StoreError>(tokens)
        });
        tokens.push(made.await.unwrap());
    }
    assert_eq!(tokens[0][0], tokens[1][0]);
    assert_ne!(tokens[0][1], tokens[1][1], "what is counted in one database is another mail in the next");

    let sealed = SealedId {
        token: tokens[0][0].clone(),
        started: at(0).timestamp_millis(),
        left_at: at(0) + TimeDelta::days(3),
        is_intro: true,
    };
    let id = stores[0].key().sealed_reference(&sealed, "vendor.example").unwrap();
    assert_eq!(stores[1].key().unsealed(&id), Some(sealed));
    let forged = id.as_str().replacen(".1", ".2", 1);
    assert_ne!(forged, id.as_str());
    assert_eq!(stores[1].key().unsealed(&MessageId::new(&forged).unwrap()), None);
    let strangers = Place::new().store();
    assert_eq!(strangers.key().unsealed(&id), None);
}
