//! What the decision about refused recipients comes to.

use super::*;

fn submission(recipients: &[String], on_refusal: RefusalPolicy) -> Submission<'_> {
    Submission { from: "dana@vendor.example", recipients, bytes: b"", on_refusal }
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
    let outcome =
        consider(submission(&to, RefusalPolicy::AllOrNobody), vec![refused("b@acme.example", true)]);
    assert!(matches!(outcome, Err(Delivery::Refused { recipients, .. }) if recipients.len() == 1));
    let outcome =
        consider(submission(&to, RefusalPolicy::AllOrNobody), vec![refused("b@acme.example", false)]);
    assert!(matches!(outcome, Err(Delivery::Deferred { .. })));
}

#[test]
fn whoever_is_taken_gets_it_unless_nobody_is() {
    let to = two();
    let outcome = consider(
        submission(&to, RefusalPolicy::OneAddressee { of: 2 }),
        vec![refused("b@acme.example", true)],
    );
    assert_eq!(outcome.unwrap().len(), 1);
    let both = vec![refused("a@acme.example", true), refused("b@acme.example", false)];
    let outcome = consider(submission(&to, RefusalPolicy::OneAddressee { of: 2 }), both);
    assert!(matches!(outcome, Err(Delivery::Deferred { .. })));
}

#[test]
fn copies_alone_do_not_leave() {
    let to = two();
    let for_one = || submission(&to, RefusalPolicy::OneAddressee { of: 1 });
    let outcome = consider(for_one(), vec![refused("b@acme.example", true)]);
    assert_eq!(outcome.unwrap().len(), 1);
    let outcome = consider(for_one(), vec![refused("a@acme.example", true)]);
    assert!(matches!(outcome, Err(Delivery::Refused { .. })), "{outcome:?}");
    let later = vec![refused("b@acme.example", true), refused("a@acme.example", false)];
    let Err(Delivery::Deferred { text, .. }) = consider(for_one(), later) else { panic!("it left") };
    assert!(text.starts_with("a@acme.example"), "{text}");
}

#[test]
fn a_message_to_nobody_is_not_sent() {
    assert!(consider(submission(&[], RefusalPolicy::AllOrNobody), Vec::new()).is_err());
    assert!(consider(submission(&[], RefusalPolicy::OneAddressee { of: 0 }), Vec::new()).is_err());
}
