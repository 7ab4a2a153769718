//! What the author of a message wrote: without quotation, signature, disclaimer.
