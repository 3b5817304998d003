//! What takes minutes: `make test-long` runs these, `make test` leaves them out.

#[test]
fn every_form_of_every_step() {
    crate::forms::every_row();
}
