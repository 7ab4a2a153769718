//! The form that is filled in with what the SDR's mailbox proves: letters in, `record-form` out, against servers inside
//! the process, and `baton new --prospect` against Dovecot. docs/behaviour.md section 13.

mod command;
mod generated;
mod large;
mod mails;
mod meetings;
mod round_trip;
mod sources;
mod stage;
