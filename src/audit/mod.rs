//! The audit and the report as documents: JSON, CSV, a page; the rows of a CRM's export. docs/behaviour.md section 10,
//! docs/interface.md.
//!
//! What is counted comes from `domain::audit`; nothing here decides or reads a mailbox.

pub(crate) mod crm;
pub(crate) mod csv;
pub(crate) mod document;
pub(crate) mod page;
pub(crate) mod report_document;
pub(crate) mod tables;
#[cfg(test)]
mod tests;
