//! What reading a message needs to know beside its bytes.

use std::fmt;
use std::sync::Arc;

use super::scheduler::{self, SchedulingTool};
use crate::domain::zone::ZoneLookup;

/// What reading a message needs to know beside its bytes.
#[derive(Clone)]
pub struct ReadOptions {
    /// The name under which the receiving server writes Authentication-Results, configured or learnt.
    /// `None`: the host of the topmost Received line.
    pub authserv: Option<String>,
    /// Scheduling tools; the built-in ones unless replaced or added to.
    pub schedulers: Arc<[SchedulingTool]>,
    /// Zone rules for calendar times. `None`: those of chrono-tz, which lag behind (docs/behaviour.md section 4).
    pub zones: Option<ZoneLookup>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { authserv: None, schedulers: scheduler::built_in().into(), zones: None }
    }
}

impl fmt::Debug for ReadOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadOptions")
            .field("authserv", &self.authserv)
            .field("schedulers", &self.schedulers.len())
            .field("zones", &self.zones.is_some())
            .finish()
    }
}
