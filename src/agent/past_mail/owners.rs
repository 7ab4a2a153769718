//! Whose mailbox a file of mail is, and what it holds of theirs: a touch that a file does not hold accuses somebody only
//! where it is the mailbox in which that touch would lie.
//!
//! Every copy tells by itself in whose mailbox it can lie: where a server says that it put it there, its recipient's;
//! in a folder of sent mail, or without any server's mark, its author's or a recipient's. The file is the person's who
//! has the most of those that can be but one person's, unless too many are another's. A single mail proves nothing: an
//! AE's mail lies in the SDR's mailbox as a blind copy, by way of a list, or passed on. A file in which several people's
//! mail lies (an archive, a journal, a shared mailbox) is nobody's. Known limit: where an export has dropped what servers
//! write, a mailbox without any mail that its owner alone received is nobody's, too.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::domain::audit::past::ReadMailbox;
use crate::domain::judge::Policy;

use super::index::{AddressNumber, IndexedFolder, IndexedMail, MailIndex};

/// Of the copies that one person alone can have sent, so many of a hundred are the owner's; of those that one alone can
/// have received, which blind copies and rules for forwarding put into other mailboxes, so many.
const SHARE_SENT: usize = 90;
const SHARE_RECEIVED: usize = 70;
/// So many that they alone received; or, of a file of sent mail, so many that they sent.
const RECEIVED: usize = 2;
const IN_SENT_FOLDER: usize = 3;
/// So many different messages to outsiders, and so many of those, show that what the owner sends lies here.
const SENT: usize = 3;
const SENT_TO: usize = 2;

/// So many messages show what an account keeps.
const ENOUGH_TO_TELL: usize = 10;

/// What speaks for a person.
#[derive(Clone, Debug, Default)]
struct OwnerEvidence {
    /// Copies that can be in nobody else's mailbox, received and sent; of these the ones in a folder of sent mail.
    received: usize,
    sent_alone: usize,
    in_sent_folder: usize,
    /// Messages to outsiders that were saved as they were sent, up to as many as are needed.
    sent: BTreeSet<u64>,
    sent_to: BTreeSet<AddressNumber>,
    first: Option<DateTime<Utc>>,
}

/// In whose mailbox a copy can lie, by itself.
#[derive(Debug, Default)]
struct Holders {
    /// Places of people among those configured.
    people: Vec<usize>,
    is_received: bool,
}

/// Whose mail a file holds: nobody's, or one person's.
pub(super) fn owners(policy: &Policy, index: &MailIndex, source: usize, label: &str) -> Vec<ReadMailbox> {
    let Some(until) = of_source(index, source).map(|(mail, _)| mail.at).max() else { return Vec::new() };
    let mut evidence = vec![OwnerEvidence::default(); index.people()];
    // Received by an address of ours that is nobody's: a list, or the mailbox that several people share.
    let mut to_nobody = 0;
    for (mail, folder) in of_source(index, source) {
        let is_to_nobody = weigh(index, &mail, folder, &mut evidence);
        to_nobody += usize::from(is_to_nobody);
    }
    let all = |of: fn(&OwnerEvidence) -> usize| evidence.iter().map(of).sum::<usize>();
    let (received, sent) = (all(|one| one.received), all(|one| one.sent_alone));
    let most = policy.people.iter().zip(&evidence).max_by_key(|(_, one)| one.received + one.sent_alone);
    let owner = most.filter(|(_, one)| {
        let has_share =
            one.received * 100 >= received * SHARE_RECEIVED && one.sent_alone * 100 >= sent * SHARE_SENT;
        // What reaches a shared mailbox goes to that, and seldom to one person by name.
        let is_shared = to_nobody > one.received;
        has_share && !is_shared && (one.received >= RECEIVED || one.in_sent_folder >= IN_SENT_FOLDER)
    });
    let found = owner.map(|(person, one)| {
        let from = one.first.unwrap_or(until);
        ReadMailbox {
            label: label.to_owned(),
            owner: Some(person.name.clone()),
            holds_sent: one.sent.len() >= SENT && one.sent_to.len() >= SENT_TO,
            holds_received: one.received >= RECEIVED,
            sent_from: from,
            received_from: from,
            until,
        }
    });
    found.into_iter().collect()
}

/// What an account shows of its owner's mail, of which both kinds are kept where the folders for them are.
pub(super) struct AccountShows {
    pub holds_sent: bool,
    pub sent_from: DateTime<Utc>,
    pub received_from: DateTime<Utc>,
}

/// `person`: the owner's place among those configured. `until`: when the account was read.
///
/// A folder of sent mail that is empty beside others that are not is one that keeps no copies; one of many messages that
/// begins after others is one whose older messages have been removed, which a few cannot tell.
pub(super) fn shown_by_account(
    index: &MailIndex,
    source: usize,
    person: usize,
    until: DateTime<Utc>,
) -> AccountShows {
    let (mut sent, mut received) = (KeptMail::default(), KeptMail::default());
    for (mail, folder) in of_source(index, source) {
        // Gmail keeps all in one folder; what came back through a list says nothing of copies.
        let is_own = author_of(index, &mail) == Some(person) && !mail.is_delivered;
        let is_sent = folder.is_sent || mail.is_labelled_sent || is_own;
        if is_sent { &mut sent } else { &mut received }.take(mail.at);
    }
    let from = sent.first.into_iter().chain(received.first).min().unwrap_or(until);
    AccountShows {
        holds_sent: sent.count > 0 || received.count < ENOUGH_TO_TELL,
        sent_from: sent.begins().unwrap_or(from),
        received_from: received.begins().unwrap_or(from),
    }
}

#[derive(Default)]
struct KeptMail {
    count: usize,
    first: Option<DateTime<Utc>>,
}

impl KeptMail {
    fn take(&mut self, at: DateTime<Utc>) {
        self.count += 1;
        self.first = self.first.into_iter().chain([at]).min();
    }

    /// When it begins, where it is enough to tell.
    fn begins(&self) -> Option<DateTime<Utc>> {
        self.first.filter(|_| self.count >= ENOUGH_TO_TELL)
    }
}

fn of_source(index: &MailIndex, source: usize) -> impl Iterator<Item = (IndexedMail, &IndexedFolder)> + '_ {
    index.mails().filter_map(move |(_, mail)| {
        let folder = index.folders.get(mail.folder as usize)?;
        (folder.source == source).then_some((mail, folder))
    })
}

/// Takes one copy in; whether it was received by an address of ours that is nobody's.
fn weigh(
    index: &MailIndex,
    mail: &IndexedMail,
    folder: &IndexedFolder,
    evidence: &mut [OwnerEvidence],
) -> bool {
    let is_sent = folder.is_sent || mail.is_labelled_sent;
    let holders = holders(index, mail, is_sent);
    for place in &holders.people {
        let Some(one) = evidence.get_mut(*place) else { continue };
        one.first = one.first.into_iter().chain([mail.at]).min();
        if holders.people.len() == 1 {
            one.received += usize::from(holders.is_received);
            one.sent_alone += usize::from(!holders.is_received);
            one.in_sent_folder += usize::from(is_sent && !holders.is_received);
        }
    }
    let author = author_of(index, mail).filter(|_| is_sent || !holders.is_received && !mail.is_delivered);
    if let Some(one) = author.and_then(|place| evidence.get_mut(place)) {
        let outside = || index.to(mail).iter().filter(|number| index.known(**number).outside);
        if one.sent.len() < SENT && outside().next().is_some() {
            one.sent.insert(mail.id.unwrap_or(mail.place.number));
        }
        if one.sent_to.len() < SENT_TO {
            one.sent_to.extend(outside().take(SENT_TO));
        }
    }
    holders.is_received && holders.people.is_empty() && is_to_list(index, mail)
}

/// An address of ours that is nobody's: anybody may get what goes there.
fn is_to_list(index: &MailIndex, mail: &IndexedMail) -> bool {
    index.to(mail).iter().any(|number| {
        let known = index.known(*number);
        !known.outside && known.person.is_none()
    })
}

fn author_of(index: &MailIndex, mail: &IndexedMail) -> Option<usize> {
    mail.from.and_then(|from| index.known(from).person)
}

fn holders(index: &MailIndex, mail: &IndexedMail, is_sent: bool) -> Holders {
    let received = |people: Vec<usize>| Holders { people, is_received: true };
    let author = author_of(index, mail);
    if let Some(person) = mail.delivered_to.filter(|_| !is_sent) {
        return received(vec![usize::from(person)]);
    }
    if is_sent {
        return Holders { people: author.into_iter().collect(), is_received: false };
    }
    let mut recipients: Vec<usize> =
        index.to(mail).iter().filter_map(|number| index.known(*number).person).collect();
    recipients.sort_unstable();
    recipients.dedup();
    let Some(author) = author.filter(|_| !mail.is_delivered) else { return received(recipients) };
    if is_to_list(index, mail) {
        return Holders::default();
    }
    recipients.push(author);
    recipients.sort_unstable();
    recipients.dedup();
    Holders { people: recipients, is_received: false }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use crate::agent::past_mail::index::MailPlace;
    use crate::agent::past_mail::source::listed_of_file;
    use crate::agent::prefill::tests::policy;
    use crate::domain::audit::past::Coverage;
    use crate::mail::ReadOptions;

    use super::*;

    const DANA: &str = "dana@vendor.example";
    const CALVIN: &str = "calvin@vendor.example";
    /// What a server puts above what it delivers.
    const RECEIVED: &str =
        "Received: from mx by mail.vendor.example with ESMTPS id 1; Tue, 24 Nov 2026 09:00:00 +0000\r\n";

    /// A file that is being filled, a message a minute.
    struct File {
        index: MailIndex,
        folder: u32,
        count: u64,
    }

    impl File {
        fn named(name: &str, is_sent: bool) -> Self {
            let mut index = MailIndex::new(&policy());
            let folder = IndexedFolder { source: 0, name: name.to_owned(), uid_validity: 1, is_sent };
            let folder = index.add_folder(folder);
            Self { index, folder, count: 0 }
        }

        fn mail(&mut self, above: &str, from: &str, to: &str, cc: &str) -> &mut Self {
            self.count += 1;
            let at: DateTime<Utc> = "2026-11-24T09:00:00Z".parse().unwrap();
            let at = at + TimeDelta::minutes(i64::try_from(self.count).unwrap());
            let header = format!(
                "{above}From: {from}\r\nTo: {to}\r\nCc: {cc}\r\nDate: {}\r\nMessage-ID: <m{}@x>\r\n\r\n",
                at.to_rfc2822(),
                self.count
            );
            let place = MailPlace { number: self.count, length: 0 };
            let listed = listed_of_file(header.as_bytes(), place, Some(at), &ReadOptions::default());
            self.index.add(self.folder, listed.unwrap());
            self
        }

        fn mails(&mut self, count: usize, above: &str, from: &str, to: &str, cc: &str) -> &mut Self {
            for number in 0..count {
                let number = number.to_string();
                self.mail(above, &from.replace('#', &number), &to.replace('#', &number), cc);
            }
            self
        }

        /// Whose it is, whether it holds what they send, and what they receive.
        fn owner(&self) -> Option<(String, bool, bool)> {
            let found = owners(&policy(), &self.index, 0, "file");
            assert!(found.len() < 2);
            found.into_iter().next().map(|one| (one.owner.unwrap(), one.holds_sent, one.holds_received))
        }
    }

    fn owned(name: &str, holds_sent: bool, holds_received: bool) -> Option<(String, bool, bool)> {
        Some((name.to_owned(), holds_sent, holds_received))
    }

    #[test]
    fn blind_copies_lists_and_mail_that_was_passed_on_make_no_file_an_aes() {
        // What the SDR sent has an AE in copy, and may name nobody else of ours.
        let own = |file: &mut File| {
            file.mails(12, "", DANA, "ann@acme#.example", CALVIN).mails(
                12,
                RECEIVED,
                "ann@acme#.example",
                DANA,
                "",
            );
        };
        let mut file = File::named("dana", false);
        own(&mut file);
        assert_eq!(file.owner(), owned("Dana Fox", true, true));
        // Blind copies, as many as handoffs.
        file.mails(12, RECEIVED, CALVIN, "ann@acme#.example", "");
        // Through a list of ours, without any mark of a server.
        file.mails(5, "", CALVIN, "team@vendor.example", "").mails(
            5,
            RECEIVED,
            CALVIN,
            "team@vendor.example",
            "",
        );
        assert_eq!(file.owner(), owned("Dana Fox", true, true));
        // Mail to the AE that was redirected while the AE was away: the server says to whom.
        let redirected = format!("Delivered-To: {DANA}\r\n{RECEIVED}Delivered-To: {CALVIN}\r\n");
        file.mails(40, &redirected, "joe@globex#.example", CALVIN, "");
        assert_eq!(file.owner(), owned("Dana Fox", true, true));
        // Where it does not say, whose it is nobody can tell.
        file.mails(40, RECEIVED, "joe@globex#.example", CALVIN, "");
        assert_eq!(file.owner(), None);
    }

    #[test]
    fn an_export_without_marks_is_nobodys_rather_than_anothers() {
        let mut file = File::named("export", false);
        file.mails(5, "", DANA, "ann@acme#.example", CALVIN).mails(8, "", CALVIN, "ann@acme#.example", "");
        file.mail("", "news@list.example", DANA, "");
        assert_eq!(file.owner(), None);
        // Nor is the AE's own with a few mails of the SDR's among it.
        let mut file = File::named("handoffs", false);
        file.mails(9, RECEIVED, DANA, "ann@acme#.example", CALVIN).mails(
            9,
            "",
            CALVIN,
            "ann@acme#.example",
            "",
        );
        assert_eq!(file.owner(), owned("Calvin Reyes", true, true));
        file.mails(2, "", DANA, "ann@acme#.example", "");
        assert_eq!(file.owner(), None);
        // With what one of them alone got it is that one's.
        let mut file = File::named("export", false);
        file.mails(5, "", DANA, "ann@acme#.example", CALVIN).mails(4, "", CALVIN, "ann@acme#.example", DANA);
        file.mails(3, "", CALVIN, "bob@globex#.example", "").mails(3, "", "bob@globex#.example", CALVIN, "");
        assert_eq!(file.owner(), owned("Calvin Reyes", true, true));
    }

    #[test]
    fn a_mailbox_is_its_owners_and_shows_what_it_holds() {
        let mut whole = File::named("calvin", false);
        whole.mails(4, RECEIVED, DANA, "ann@acme#.example", CALVIN).mails(
            4,
            "",
            CALVIN,
            "ann@acme#.example",
            DANA,
        );
        assert_eq!(whole.owner(), owned("Calvin Reyes", true, true));
        // What was received alone shows no touch, and one saved mail, or several to one address, no more.
        let mut inbox = File::named("inbox", false);
        inbox.mails(9, RECEIVED, DANA, "ann@acme#.example", CALVIN);
        assert_eq!(inbox.owner(), owned("Calvin Reyes", false, true));
        inbox.mail("", CALVIN, "ann@acme.example", DANA);
        assert_eq!(inbox.owner(), owned("Calvin Reyes", false, true));
        inbox.mails(5, "", CALVIN, "ann@acme.example", DANA).mails(5, "", CALVIN, DANA, "");
        assert_eq!(inbox.owner(), owned("Calvin Reyes", false, true));
        let mut sent = File::named("Sent", true);
        sent.mails(4, "", CALVIN, "ann@acme#.example", DANA);
        assert_eq!(sent.owner(), owned("Calvin Reyes", true, false));
    }

    #[test]
    fn labels_of_an_export_and_submission_lines_are_the_authors() {
        let label = |label: &str| format!("X-Gmail-Labels: {label}\r\n");
        let by_hand = "Received: from [10.0.0.2] by smtp.gmail.com with ESMTPSA id x; Tue, 24 Nov 2026 09:00:00 +0000\r\n";
        let mut takeout = File::named("All mail", false);
        takeout.mails(6, &(label("Sent") + by_hand), DANA, "ann@acme#.example", CALVIN);
        takeout.mails(6, &(label("Inbox") + RECEIVED), "ann@acme#.example", DANA, CALVIN);
        takeout.mails(6, &(label("Inbox") + RECEIVED), "news@list.example", DANA, "");
        assert_eq!(takeout.owner(), owned("Dana Fox", true, true));
        // Without labels the lines say who handed it in.
        let mut file = File::named("mail", false);
        file.mails(6, by_hand, DANA, "ann@acme#.example", CALVIN).mails(
            6,
            RECEIVED,
            "ann@acme#.example",
            DANA,
            "",
        );
        assert_eq!(file.owner(), owned("Dana Fox", true, true));
    }

    #[test]
    fn a_shared_mailbox_that_gets_copies_of_the_intros_is_nobodys() {
        let mut shared = File::named("sales", false);
        shared.mails(5, "", CALVIN, "bob@globex#.example", "").mails(
            6,
            RECEIVED,
            DANA,
            "ann@acme#.example",
            CALVIN,
        );
        shared.mails(8, RECEIVED, "joe@initech#.example", "sales@vendor.example", "");
        assert_eq!(shared.owner(), None);
        // In an AE's own there is mail to lists as well.
        shared.mails(9, RECEIVED, "jim@hooli#.example", CALVIN, "");
        assert_eq!(shared.owner(), owned("Calvin Reyes", true, true));
    }

    #[test]
    fn of_several_mailboxes_the_one_that_shows_what_a_role_needs_is_the_persons() {
        let at: DateTime<Utc> = "2026-11-24T09:00:00Z".parse().unwrap();
        let mailbox = |owner: &str, label: &str, holds_sent, holds_received| ReadMailbox {
            label: label.to_owned(),
            owner: Some(owner.to_owned()),
            holds_sent,
            holds_received,
            sent_from: at,
            received_from: at,
            until: at,
        };
        let (dana, calvin) = ("Dana Fox", "Calvin Reyes");
        let accounts = |mailboxes: Vec<ReadMailbox>| {
            let policy = Coverage { mailboxes }.policy(&policy());
            [dana, calvin].map(|name| policy.person(name).unwrap().account.clone())
        };
        let some = |label: &str| Some(label.to_owned());
        let all = [
            mailbox(dana, "d-inbox", false, true),
            mailbox(dana, "d-sent", true, false),
            mailbox(calvin, "c-inbox", false, true),
            mailbox(calvin, "c-sent", true, false),
        ];
        assert_eq!(accounts(all.to_vec()), [some("d-inbox"), some("c-sent")]);
        assert_eq!(accounts(all.iter().rev().cloned().collect()), [some("d-inbox"), some("c-sent")]);
        assert_eq!(accounts(all[1..3].to_vec()), [some("d-sent"), None]);
    }

    /// The place of Calvin among the people of the policy.
    fn calvins(file: &File) -> AccountShows {
        let place = policy().people.iter().position(|one| one.name == "Calvin Reyes").unwrap();
        shown_by_account(&file.index, 0, place, "2026-11-25T09:00:00Z".parse().unwrap())
    }

    #[test]
    fn an_account_shows_what_was_sent_only_from_where_its_copies_begin() {
        let mut account = File::named("INBOX", false);
        account.mails(ENOUGH_TO_TELL - 1, RECEIVED, DANA, "ann@acme#.example", CALVIN);
        assert!(calvins(&account).holds_sent, "a mailbox of few messages tells nothing of itself");
        account.mail(RECEIVED, DANA, "ann@acme.example", CALVIN);
        assert!(!calvins(&account).holds_sent, "it keeps no copies");
        let sent = IndexedFolder { source: 0, name: "Sent".to_owned(), uid_validity: 1, is_sent: true };
        account.folder = account.index.add_folder(sent);
        account.mail("", CALVIN, "ann@acme.example", DANA);
        let few = calvins(&account);
        assert!(few.holds_sent && few.sent_from == few.received_from, "a few may be all that were written");
        account.mails(ENOUGH_TO_TELL - 1, "", CALVIN, "ann@acme#.example", DANA);
        let many = calvins(&account);
        assert_eq!((many.sent_from - many.received_from).num_minutes(), 10, "the older ones were removed");
    }

    #[test]
    fn an_archive_of_several_people_and_a_single_mail_are_nobodys() {
        let mut archive = File::named("journal", false);
        for (person, other) in [(DANA, CALVIN), (CALVIN, DANA)] {
            archive.mails(9, "", person, "ann@acme#.example", other).mails(
                9,
                "",
                person,
                "bob@globex#.example",
                "",
            );
            archive.mails(9, RECEIVED, "ann@acme#.example", person, "");
        }
        assert_eq!(archive.owner(), None);
        for above in ["", RECEIVED, "X-Gmail-Labels: Sent\r\n"] {
            assert_eq!(File::named("one", false).mail(above, CALVIN, "ann@acme.example", "").owner(), None);
            assert_eq!(File::named("one", false).mail(above, "ann@acme.example", CALVIN, "").owner(), None);
        }
        assert_eq!(File::named("empty", false).owner(), None);
    }
}
