//! The SLA clock: when a first touch is due, and why. behaviour.md section 4.
