//! What the decision about refused recipients comes to.

use super::*;

fn parcel(recipients: &[String], audience: RefusalPolicy) -> Submission<'_> {
    Submission { from: "dana@vendor.example", recipients, bytes: b"", audience }
}

fn refused(address: &str, permanent: bool) -> RefusedRecipient {
    RefusedRecipient { address: address.to_owned(), permanent, text: "no".to_owned() }
}

fn two() -> Vec<String> {
    vec!["a@acme.example".to_owned(), "b@acme.example".to_owned()]
}

#[test]
fn one_permanent_refusal_keeps_an_all_or_nobody_message_from_everybody() {
    let to = two();
    let outcome = consider(parcel(&to, RefusalPolicy::AllOrNobody), vec![refused("b@acme.example", true)]);
    assert!(matches!(outcome, Err(Delivery::Refused { recipients, .. }) if recipients.len() == 1));
    let outcome = consider(parcel(&to, RefusalPolicy::AllOrNobody), vec![refused("b@acme.example", false)]);
    assert!(matches!(outcome, Err(Delivery::Deferred { .. })));
}

#[test]
fn whoever_is_taken_gets_it_unless_nobody_is() {
    let to = two();
    let outcome = consider(parcel(&to, RefusalPolicy::AcceptedOnly), vec![refused("b@acme.example", true)]);
    assert_eq!(outcome.unwrap().len(), 1);
    let both = vec![refused("a@acme.example", true), refused("b@acme.example", false)];
    let outcome = consider(parcel(&to, RefusalPolicy::AcceptedOnly), both);
    assert!(matches!(outcome, Err(Delivery::Deferred { .. })));
}

#[test]
fn a_message_to_nobody_is_not_sent() {
    assert!(consider(parcel(&[], RefusalPolicy::AllOrNobody), Vec::new()).is_err());
}
