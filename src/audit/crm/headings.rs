//! Which column of an export is what: by the headings that Salesforce and HubSpot give, or by those that a person names.

/// What an audit takes from a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CrmColumn {
    Company,
    Sdr,
    Ae,
    Prospect,
    Handoff,
    Meeting,
    Pain,
    Agenda,
    Attendees,
    Stakeholders,
    Objections,
    Competitor,
}

/// The name on the command line, and the usual headings, the likelier first, as `folded` writes them.
const COLUMNS: [(CrmColumn, &str, &[&str]); 12] = [
    (
        CrmColumn::Company,
        "company",
        &[
            "account name",
            "company name",
            "associated company",
            "associated company primary",
            "primary company",
            "primary associated company",
            "company",
            "account",
            "organization",
            "organisation",
            "customer",
            "associated companies",
            "account account name",
            "opportunity account name",
        ],
    ),
    (
        CrmColumn::Sdr,
        "sdr",
        &[
            "sdr",
            "sdr name",
            "sdr owner",
            "sdr full name",
            "bdr",
            "bdr name",
            "sdr bdr",
            "sales development rep",
            "sales development representative",
            "assigned sdr",
            "sourced by",
            "booked by",
            "meeting booked by",
            "set by",
            "handed off by",
            "lead owner",
            "created by",
            "created by full name",
            "contact owner",
            "created by user id",
        ],
    ),
    (
        CrmColumn::Ae,
        "ae",
        &[
            "ae",
            "ae name",
            "account executive",
            "assigned ae",
            "opportunity owner",
            "opportunity owner full name",
            "deal owner",
            "handed off to",
            "owner",
            "owner name",
            "owner full name",
            "opportunity owner name",
            "account owner",
            "company owner",
        ],
    ),
    (
        CrmColumn::Prospect,
        "prospect",
        &[
            "prospect",
            "prospect email",
            "prospect email address",
            "contact email",
            "contact email address",
            "primary contact email",
            "primary contact email address",
            "email",
            "email address",
            "e mail",
            "work email",
            "associated contact email",
            "associated contact emails",
            "associated contact",
            "associated contacts",
            "primary contact",
            "contact",
            "contact contact email",
            "contact name",
        ],
    ),
    (
        CrmColumn::Handoff,
        "handoff",
        &[
            "handoff",
            "handoff date",
            "handoff time",
            "handoff date time",
            "handed off",
            "handed off at",
            "date handed off",
            "hand off date",
            "intro sent",
            "intro date",
            "created date",
            "create date",
            "created at",
            "opportunity created date",
            "date created",
            "created",
            "creation date",
            "created on",
            "converted date",
            "created date time",
        ],
    ),
    (
        CrmColumn::Meeting,
        "meeting",
        &[
            "meeting",
            "meeting date",
            "meeting time",
            "meeting date time",
            "next meeting",
            "next meeting date",
            "next meeting start time",
            "meeting start time",
            "meeting start",
            "first meeting",
            "first meeting date",
            "demo date",
            "discovery call date",
            "date of next meeting",
            "next activity date",
            "activity date",
            "start date time",
            "start",
        ],
    ),
    (
        CrmColumn::Pain,
        "pain",
        &[
            "pain",
            "pains",
            "pain point",
            "pain points",
            "identified pain",
            "identify pain",
            "business pain",
            "customer pain",
            "challenge",
            "challenges",
            "pain in their words",
            "pain prospect s words",
            "pain prospect s exact words",
            "business issue",
        ],
    ),
    (
        CrmColumn::Agenda,
        "agenda",
        &[
            "agenda",
            "meeting agenda",
            "next meeting agenda",
            "meeting description",
            "next step",
            "next steps",
        ],
    ),
    (
        CrmColumn::Attendees,
        "attendees",
        &[
            "attendees",
            "meeting attendees",
            "confirmed attendees",
            "participants",
            "invitees",
            "attendee emails",
        ],
    ),
    (
        CrmColumn::Stakeholders,
        "stakeholders",
        &[
            "stakeholders",
            "stakeholder",
            "stakeholder map",
            "stakeholders identified",
            "contact roles",
            "buying committee",
            "buying group",
            "decision maker",
            "decision makers",
            "key stakeholders",
        ],
    ),
    (
        CrmColumn::Objections,
        "objections",
        &["objections", "objection", "objections surfaced", "objections raised", "concerns"],
    ),
    (
        CrmColumn::Competitor,
        "competitor",
        &[
            "competitor",
            "competitors",
            "competitor s",
            "main competitor",
            "main competitors",
            "main competitor s",
            "primary competitor",
            "competition",
            "competitor mentioned",
            "competitor name",
        ],
    ),
];

impl CrmColumn {
    pub(crate) fn name(self) -> &'static str {
        COLUMNS.iter().find(|(column, ..)| *column == self).map_or("", |(_, name, _)| name)
    }

    fn named(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        COLUMNS.iter().find(|(_, name, _)| *name == text).map(|(column, ..)| *column)
    }
}

/// Where the columns of a file stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CrmHeadings {
    places: Vec<(CrmColumn, usize)>,
}

/// Why they cannot be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HeadingFault {
    #[error("`{text}` does not say which column is meant")]
    NoHeading { text: String },
    #[error("there is no column `{name}`")]
    NoColumn { name: String },
    #[error("the file has no heading `{heading}`")]
    NotThere { heading: String },
    #[error("no heading of the file is known to be the {}", .missing.join(" or the "))]
    Missing { missing: Vec<&'static str> },
}

/// The columns by what a person names (`sdr=Owner`), and the others by their usual headings.
pub(crate) fn headings(cells: &[String], named: &[String]) -> Result<CrmHeadings, HeadingFault> {
    let mut found = CrmHeadings::default();
    for text in named {
        let (name, heading) =
            text.split_once('=').ok_or_else(|| HeadingFault::NoHeading { text: text.clone() })?;
        let column =
            CrmColumn::named(name).ok_or_else(|| HeadingFault::NoColumn { name: name.trim().to_owned() })?;
        let heading = heading.trim().trim_matches('"');
        let same = |is: &dyn Fn(&str) -> bool| cells.iter().position(|cell| is(cell));
        let place = same(&|cell| cell == heading)
            .or_else(|| same(&|cell| folded(cell) == folded(heading)))
            .ok_or_else(|| HeadingFault::NotThere { heading: heading.to_owned() })?;
        found.places.retain(|(known, _)| *known != column);
        found.places.push((column, place));
    }
    let own: Vec<String> = cells.iter().map(|cell| folded(cell)).collect();
    for (column, _, usual) in COLUMNS {
        let is_taken = |place: &usize| found.places.iter().any(|(_, known)| known == place);
        let places = usual.iter().filter_map(|heading| own.iter().position(|cell| cell == heading));
        let place = places.into_iter().find(|place| !is_taken(place));
        if found.place(column).is_none() {
            found.places.extend(place.map(|place| (column, place)));
        }
    }
    let mut missing: Vec<&'static str> = Vec::new();
    if found.place(CrmColumn::Company).is_none() && found.place(CrmColumn::Prospect).is_none() {
        missing.push(CrmColumn::Company.name());
    }
    let needed = [CrmColumn::Ae, CrmColumn::Handoff];
    missing.extend(needed.into_iter().filter(|one| found.place(*one).is_none()).map(CrmColumn::name));
    if missing.is_empty() { Ok(found) } else { Err(HeadingFault::Missing { missing }) }
}

impl CrmHeadings {
    pub(crate) fn place(&self, column: CrmColumn) -> Option<usize> {
        self.places.iter().find(|(known, _)| *known == column).map(|(_, place)| *place)
    }

    /// A row's cell; empty where the file has no such column.
    pub(crate) fn cell<'r>(&self, row: &'r [String], column: CrmColumn) -> &'r str {
        self.place(column).and_then(|place| row.get(place)).map_or("", String::as_str)
    }
}

/// A heading without case and signs.
fn folded(heading: &str) -> String {
    let words = heading.to_lowercase();
    let words: Vec<&str> =
        words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<String> {
        text.split('|').map(str::to_owned).collect()
    }

    #[test]
    fn usual_headings_are_known_and_others_named() {
        let salesforce =
            cells("Opportunity Name|Account Name|Opportunity Owner|Created By|Created Date|Close Date|Email");
        let found = headings(&salesforce, &[]).unwrap();
        let places = |found: &CrmHeadings| -> Vec<Option<usize>> {
            [CrmColumn::Company, CrmColumn::Ae, CrmColumn::Sdr, CrmColumn::Handoff, CrmColumn::Meeting]
                .map(|column| found.place(column))
                .into()
        };
        assert_eq!(places(&found), [Some(1), Some(2), Some(3), Some(4), None]);
        let hubspot =
            cells("Record ID|Deal Name|Deal owner|Associated Company (Primary)|Create Date|SDR/BDR");
        assert_eq!(places(&headings(&hubspot, &[]).unwrap()), [Some(3), Some(2), Some(5), Some(4), None]);
        let other = cells("Kunde|Owner|Verkäufer|Datum");
        let named = ["company=Kunde", "sdr=\"Owner\"", "ae=verkäufer", "handoff=Datum"].map(str::to_owned);
        assert_eq!(places(&headings(&other, &named).unwrap()), [Some(0), Some(2), Some(1), Some(3), None]);
    }

    #[test]
    fn what_is_not_there_is_refused() {
        let file = cells("Account Name|Owner|Amount");
        let fault = |named: &[&str]| {
            let named: Vec<String> = named.iter().map(|one| (*one).to_owned()).collect();
            headings(&file, &named).unwrap_err().to_string()
        };
        assert_eq!(fault(&[]), "no heading of the file is known to be the handoff");
        assert_eq!(fault(&["handoff=Date"]), "the file has no heading `Date`");
        assert_eq!(fault(&["price=Amount"]), "there is no column `price`");
        assert_eq!(fault(&["handoff"]), "`handoff` does not say which column is meant");
    }
}
