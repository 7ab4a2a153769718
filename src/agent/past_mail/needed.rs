//! Which messages of an index any answer can rest on. Once everything has been listed, it is known whom and which messages
//! handoffs may be about; most of a mailbox concerns none of them, and what remains is examined in that much less memory.

use std::collections::{BTreeSet, HashMap};

use crate::domain::audit::crm::CrmRow;

use super::index::{AddressNumber, IndexedMail, MailIndex};
use super::threads::MailThreads;

/// Leaves out what no handoff of these rows, and none that the mail may show, can need. What stays keeps its order.
pub(super) fn keep_needed(index: &mut MailIndex, rows: &[CrmRow]) {
    let needed = needed(index, &MailThreads::of(index), rows);
    index.keep(&needed);
}

/// For each message of the index, whether it is needed.
fn needed(index: &MailIndex, threads: &MailThreads, rows: &[CrmRow]) -> Vec<bool> {
    let of_candidates = index.candidates.iter().flat_map(|(_, candidate)| &candidate.prospects);
    let of_rows = rows.iter().flat_map(|row| &row.prospects);
    let prospects: BTreeSet<AddressNumber> =
        of_candidates.chain(of_rows).filter_map(|one| index.existing_number(&one.address)).collect();
    let mut needed = vec![false; index.mails().count()];
    let mut keep = |place: usize| {
        if let Some(is_needed) = needed.get_mut(place) {
            *is_needed = true;
        }
    };
    let mut begins: Vec<u64> = Vec::new();
    for (place, mail) in index.mails() {
        let is_with = mail.from.iter().chain(index.to(&mail)).any(|one| prospects.contains(one));
        // Their text may name a prospect, or a message.
        let may_tell = mail.from_scheduler || mail.maybe_report;
        if is_with || may_tell {
            keep(place);
        }
        if may_tell {
            begins.extend(mail.id);
        }
    }
    for (place, _) in &index.candidates {
        keep(*place);
        begins.extend(index.mail(*place).and_then(|mail| mail.id));
    }
    threads.all_behind(index, begins).into_iter().for_each(&mut keep);
    // One message has several copies, whose headers may differ.
    let kept = index.mails().zip(&needed).filter(|(_, is_needed)| **is_needed);
    let ids: Vec<u64> = kept.filter_map(|((_, IndexedMail { id, .. }), _)| id).collect();
    for id in ids {
        for place in threads.copies_of_id(index, id) {
            if let Some(is_needed) = needed.get_mut(place) {
                *is_needed = true;
            }
        }
    }
    // Records, and what AEs told: of several copies that are alike one is enough.
    let mut told: HashMap<u64, usize> = HashMap::new();
    for (place, mail) in index.mails().filter(|(_, mail)| index.is_internal(mail)) {
        let first = mail.id.map(|id| *told.entry(id).or_insert(place)).filter(|first| *first != place);
        let is_known = first.and_then(|first| index.mail(first)).is_some_and(|first| {
            let about = |one: &IndexedMail| (one.at, one.from, one.maybe_record);
            about(&first) == about(&mail) && index.to(&first) == index.to(&mail)
        });
        if let Some(is_needed) = needed.get_mut(place) {
            *is_needed |= !is_known;
        }
    }
    needed
}

#[cfg(test)]
mod tests {
    use crate::agent::past_mail::index::{IndexedFolder, MailPlace};
    use crate::agent::past_mail::source::listed;
    use crate::agent::prefill::tests::policy;
    use crate::mail::ReadOptions;

    use super::*;

    const DANA: &str = "dana@vendor.example";
    const CALVIN: &str = "calvin@vendor.example";

    /// From, To, id, what it cites, further header lines.
    type Mail = (&'static str, &'static str, &'static str, &'static str, &'static str);

    fn index_of(mails: &[Mail]) -> MailIndex {
        let mut index = MailIndex::new(&policy());
        let folder = IndexedFolder { source: 0, name: "INBOX".to_owned(), uid_validity: 1, is_sent: false };
        let folder = index.add_folder(folder);
        for (number, (from, to, id, cites, more)) in mails.iter().enumerate() {
            let header = format!(
                "From: {from}\r\nTo: {to}\r\nDate: Tue, 24 Nov 2026 09:00:00 +0000\r\nMessage-ID: <{id}>\r\n\
                 References: {cites}\r\nSubject: Thursday\r\n{more}\r\n"
            );
            let place = MailPlace { number: number as u64, length: 0 };
            index.add(folder, listed(header.as_bytes(), place, None, &ReadOptions::default()).unwrap());
        }
        index
    }

    fn row(prospect: &str) -> CrmRow {
        let row = format!("{prospect}@globex.example");
        CrmRow {
            line: 2,
            company: "Globex".to_owned(),
            sdr: String::new(),
            ae: "Calvin Reyes".to_owned(),
            prospects: vec![crate::domain::message::Mailbox {
                name: String::new(),
                address: crate::domain::message::Address::new(&row).unwrap(),
            }],
            at: "2026-11-24T09:00:00Z".parse().unwrap(),
            latest: None,
            meeting: None,
            record: None,
        }
    }

    #[test]
    fn what_no_handoff_can_need_is_left_out() {
        let mails: [(bool, Mail); 13] = [
            (false, ("ads@shop.example", DANA, "ad@x", "", "")),
            // An intro, a copy whose header says less, what answers it from an address of nobody's, and what answers that.
            (true, ("ann@acme.example", DANA, "asks@x", "", "")),
            (true, (DANA, "ann@acme.example", "intro@x", "", "Cc: calvin@vendor.example\r\n")),
            (true, (DANA, "undisclosed@elsewhere.example", "intro@x", "", "")),
            (true, ("ann@home.example", CALVIN, "one@x", "<intro@x>", "")),
            (true, (CALVIN, "ann@home.example", "two@x", "<one@x>", "")),
            // Another thread, another prospect.
            (false, (DANA, "bob@other.example", "three@x", "<ad@x>", "")),
            (false, ("bob@other.example", CALVIN, "four@x", "<three@x>", "")),
            // Among us, and a copy of it; of programs; of a row.
            (true, (CALVIN, DANA, "five@x", "", "")),
            (false, (CALVIN, DANA, "five@x", "", "")),
            (true, ("mailer-daemon@vendor.example", DANA, "six@x", "", "Auto-Submitted: auto-replied\r\n")),
            (true, ("notices@calendly.com", DANA, "seven@x", "", "")),
            (true, ("carl@globex.example", CALVIN, "eight@x", "", "")),
        ];
        let mut index = index_of(&mails.map(|(_, mail)| mail));
        let threads = MailThreads::of(&index);
        assert_eq!(needed(&index, &threads, &[row("carl")]), mails.map(|(is_needed, _)| is_needed));
        assert!(!needed(&index, &threads, &[]).last().unwrap());

        let before: Vec<u64> = index.mails().map(|(_, mail)| mail.place.number).collect();
        assert_eq!(before.len(), 13);
        let intro = index.mail(2).unwrap();
        keep_needed(&mut index, &[row("carl")]);
        let after: Vec<u64> = index.mails().map(|(_, mail)| mail.place.number).collect();
        assert_eq!(after, [1, 2, 3, 4, 5, 8, 10, 11, 12]);
        let (place, candidate) = &index.candidates[0];
        assert_eq!((*place, candidate.aes.len()), (1, 1));
        let found = index.mail(*place).unwrap();
        assert_eq!((found.place, found.id), (intro.place, intro.id));
        let threads = MailThreads::of(&index);
        let thread: Vec<usize> = threads.thread(&index, intro.id.unwrap()).into_iter().collect();
        assert_eq!(thread, [1, 2, 3, 4]);
    }
}
