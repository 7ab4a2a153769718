//! The record that a letter holds, or the draft with a letter's corrections. docs/behaviour.md section 13.
//!
//! Only texts here: whether a record may leave is `offers`' business. Corrections count in the order in which they
//! were written; where a letter turns up late, the draft is made anew from all of its letters.

use crate::domain::answer::without_courtesies;
use crate::domain::letter::{Draft, DraftState, Letter};
use crate::domain::mails::{MailBrief, MailKind, RecordFault};
use crate::mail::text::stands_below_text;
use crate::record::{
    ReturnedRecord, amend, comparable, holds_record, is_title_alone, record_in, record_in_signed, records_in,
    returned,
};
use crate::store::{OutboxRow, ReadTransaction, Result as Stored};

use super::super::app::App;
use super::another_company::begins_another_draft;
use super::plan::{Plan, RecordOffer, SettledOffer, answered};

/// A record that a letter hands in by itself: in its own words, or in an attached text.
pub(super) fn handed_in(tx: &ReadTransaction<'_>, letter: &Letter) -> Stored<Option<RecordOffer>> {
    let Some((text, faults)) = own_record(letter) else { return Ok(None) };
    let draft = draft_of(tx, letter, &text)?;
    Ok(Some(RecordOffer { draft, record_text: text, faults, ..RecordOffer::default() }))
}

/// The writer's draft of this very record.
fn draft_of(tx: &ReadTransaction<'_>, letter: &Letter, record_text: &str) -> Stored<Option<Draft>> {
    let same = |draft: &Draft| comparable(&draft.record_text) == comparable(record_text);
    let kept = tx.drafts(&[DraftState::Ready, DraftState::Faulty])?;
    Ok(kept.into_iter().find(|draft| draft.sdr == letter.writer && !draft.resends && same(draft)))
}

/// The record in a letter's own words or in a text attached to it, and what is wrong with the letter.
fn own_record(letter: &Letter) -> Option<(String, Vec<RecordFault>)> {
    let is_below = |line: &str| stands_below_text(line, &letter.writer);
    let record_in = |text: &str| record_in_signed(text, &is_below);
    let whole = || holds_record(&letter.own_words).then(|| record_in(&letter.text)).flatten();
    let in_words = record_in(&letter.own_words).and_then(|own| whole().or(Some(own)));
    let mut all: Vec<String> = Vec::new();
    let attached = letter.attachments.iter().filter_map(|text| record_in(text));
    for text in in_words.into_iter().chain(attached) {
        if !all.iter().any(|known| comparable(known) == comparable(&text)) {
            all.push(text);
        }
    }
    let most = letter.attachments.iter().map(|text| records_in(text)).chain([records_in(&letter.own_words)]);
    let several = all.len() > 1 || most.max().unwrap_or(0) > 1;
    let first = all.into_iter().next()?;
    let faults = if several {
        vec![RecordFault {
            line: None,
            reason: "there are two records in this email".to_owned(),
            help: vec!["send them in two emails".to_owned()],
            example: None,
        }]
    } else {
        Vec::new()
    };
    Some((first, faults))
}

/// The same in an answer: there the first lines alone are a correction.
fn written_anew(letter: &Letter) -> Option<(String, Vec<RecordFault>)> {
    own_record(letter).filter(|(text, _)| !is_title_alone(text))
}

pub(super) fn shown_again(draft: &Draft, note: String) -> RecordOffer {
    RecordOffer {
        draft: Some(draft.clone()),
        record_text: draft.record_text.clone(),
        note: Some(note),
        resends: draft.resends.then(|| draft.handoff.clone()).flatten(),
        ..RecordOffer::default()
    }
}

/// A record without the two lines that baton ticks, for comparing.
pub(super) fn without_status(record: &str) -> String {
    const STATUS: [&str; 2] = ["WARM INTRO EMAIL STATUS", "AE FIRST TOUCH"];
    let text = comparable(record);
    let lines = text.lines().filter(|line| !STATUS.iter().any(|status| line.starts_with(status)));
    lines.collect::<Vec<_>>().join("\n")
}

/// The record that a mail of ours had shown.
fn sent_record(brief: &MailBrief) -> &str {
    match brief {
        MailBrief::RecordForm(brief) => &brief.record_text,
        MailBrief::RecordFaults(brief) => &brief.record_text,
        MailBrief::RecordReady(brief) => &brief.record_text,
        MailBrief::SendFailed(brief) => &brief.record_text,
        _ => "",
    }
}

/// A draft's text after one letter.
struct Revision {
    text: String,
    faults: Vec<RecordFault>,
    /// A whole record came, filled in or written anew.
    is_whole: bool,
    understood: Vec<String>,
    not_understood: Vec<String>,
}

/// `sent` is what the letter quotes from, `kept` the draft before it.
fn revised(app: &App, letter: &Letter, sent: &str, kept: &str) -> Revision {
    let extra = &app.record_rules.conditions;
    let (base, words, faults) = match written_anew(letter) {
        Some((text, faults)) => (Some(text), String::new(), faults),
        None => {
            let back = returned(&letter.text, sent, extra).unwrap_or_default();
            let words = corrections_in(letter, &back);
            let is_new = !is_title_alone(&back.text) && without_status(&back.text) != without_status(sent);
            (Some(back.text).filter(|_| is_new), words, Vec::new())
        }
    };
    let is_whole = base.is_some();
    let mut amended = amend(base.as_deref().unwrap_or(kept), &words, extra);
    // A line of the record whose mark of quotation got lost is nothing that was said.
    let known = comparable(&format!("{sent}\n{}", amended.text));
    amended.not_understood.retain(|line| !known.lines().any(|one| one == comparable(line)));
    Revision {
        text: record_in(&amended.text).unwrap_or(amended.text),
        faults,
        is_whole,
        understood: amended.understood,
        not_understood: amended.not_understood,
    }
}

/// What a letter says beside the record that it quotes: its own words, wherever they stand, without what fills the record
/// in, and lines that were written into a quotation without marks.
fn corrections_in(letter: &Letter, back: &ReturnedRecord) -> String {
    let words = without_courtesies(&letter.own_words, &letter.writer);
    let is_among = |lines: &[String], line: &str| lines.iter().any(|one| comparable(one) == comparable(line));
    let own: Vec<String> = words.lines().map(str::to_owned).collect();
    let rest = own.iter().filter(|line| !is_among(&back.filled_in, line));
    let inserted = back.inserted.iter().filter(|line| !is_among(&own, line));
    rest.chain(inserted).map(String::as_str).collect::<Vec<_>>().join("\n")
}

/// A record that was filled in or corrected in an answer to `row`, which had shown `brief`.
pub(super) fn corrected(
    app: &App,
    tx: &ReadTransaction<'_>,
    letter: &Letter,
    row: &OutboxRow,
    draft: Option<Draft>,
    brief: &MailBrief,
) -> Stored<Plan> {
    let sent = sent_record(brief);
    let kept = draft.as_ref().map_or(sent, |draft| draft.record_text.as_str());
    let revision = revised(app, letter, sent, kept);
    let draft = match draft {
        Some(draft) if revision.is_whole && begins_another_draft(app, &draft, &revision.text) => {
            draft_of(tx, letter, &revision.text)?
        }
        draft => draft,
    };
    let nothing_new = !revision.is_whole && revision.understood.is_empty();
    let cannot_change = |draft: &&Draft| !can_change(draft) || (draft.is_gone() && !revision.is_whole);
    if let Some(draft) = draft.as_ref().filter(cannot_change) {
        let asked_by = nothing_new.then_some(row.seq);
        return Ok(Plan::UsedUp { offer: SettledOffer::from(draft), asked_by });
    }
    // Talk around a record that was handed in is a greeting; where nothing else came, it has to be answered.
    let says_more = nothing_new || !revision.understood.is_empty();
    let mut note = (nothing_new && row.key.kind == MailKind::RecordForm)
        .then(|| "The record in your answer is still empty".to_owned());
    let mut text = revision.text;
    if let Some(draft) = draft.as_ref().filter(|draft| letter.at < draft.letter_at) {
        text = in_order(app, tx, draft, letter)?;
        note = Some(
            "This email came after a newer one of yours, whose lines count where both say something"
                .to_owned(),
        );
    }
    let resends = draft.as_ref().filter(|draft| draft.resends).and_then(|draft| draft.handoff.clone());
    Ok(Plan::Record(Box::new(RecordOffer {
        draft,
        record_text: text,
        understood: revision.understood,
        not_understood: if says_more { revision.not_understood } else { Vec::new() },
        note,
        faults: revision.faults,
        resends,
    })))
}

/// Whether a letter would change this record, which a mail of ours had shown.
pub(super) fn corrects(app: &App, letter: &Letter, shown: &str) -> bool {
    let revision = revised(app, letter, shown, shown);
    revision.is_whole || !revision.understood.is_empty()
}

/// Whether a letter's own words hold lines that would change this record. What it quotes says nothing.
pub(super) fn names_corrections(app: &App, letter: &Letter, shown: &str) -> bool {
    written_anew(letter).is_none() && !revised(app, letter, shown, shown).understood.is_empty()
}

/// Whether letters still change a draft; an expired one begins anew with a whole record.
fn can_change(draft: &Draft) -> bool {
    !matches!(draft.state, DraftState::Sent | DraftState::Dropped)
}

/// The draft's text after all of its letters and this late one, each in its turn.
fn in_order(app: &App, tx: &ReadTransaction<'_>, draft: &Draft, late: &Letter) -> Stored<String> {
    let mut letters = tx.letters_of_draft(&draft.id)?;
    letters.retain(|letter| letter.identity != late.identity);
    letters.push(late.clone());
    letters.sort_by(|a, b| (a.at, &a.identity).cmp(&(b.at, &b.identity)));
    let mut text: Option<String> = None;
    for letter in &letters {
        let row = answered(tx, letter)?;
        let answer = match &row {
            Some(row) => tx.letter_answer(row.seq, row.key.kind)?,
            None => None,
        };
        let sent = answer.as_ref().map_or("", |answer| sent_record(&answer.brief));
        let kept = text.as_deref().unwrap_or(sent);
        text = Some(revised(app, letter, sent, kept).text);
    }
    Ok(text.unwrap_or_else(|| draft.record_text.clone()))
}
