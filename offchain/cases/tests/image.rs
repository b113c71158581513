//! The released image: what it is, and how it ends where there is nothing to compute.
#![allow(clippy::unwrap_used)]

use opml_cases::machine::{self, RunError};
use opml_cases::{Case, generate};
use opml_core::mips::Status;
use opml_image::{DESCRIPTION, IMAGE};
use opml_operator::{Descriptor, Kernel, legal};
use opml_vm::source::ContentStore;

#[test]
fn it_is_what_its_description_says() {
    let root = ContentStore::default().insert_image(IMAGE, 16);
    let mut lines = DESCRIPTION.lines();
    assert_eq!(lines.next(), Some(format!("bytes {}", IMAGE.len()).as_str()));
    assert_eq!(lines.next(), Some(format!("root {root}").as_str()));
    assert!(lines.next().unwrap().starts_with("compiler rustc "));
    assert_eq!(lines.next(), None);
}

#[test]
fn the_first_page_is_empty() {
    assert!(IMAGE[..0x1000].iter().all(|byte| *byte == 0));
    assert_ne!(IMAGE[0x1000..0x1004], [0; 4]);
}

/// Such runs are never proven, since the contract knows the failed successor; the image must not
/// depend on that.
#[test]
fn a_descriptor_that_cannot_be_executed_is_refused() {
    let mut case = generate(Kernel::Add, 0);
    let params = case.descriptor.params;
    let changes: [fn(&mut Descriptor); 5] = [
        |descriptor| descriptor.kernel = 0,
        |descriptor| descriptor.input_count = 1,
        |descriptor| descriptor.params[0] = 0,
        |descriptor| descriptor.params[15] = 1,
        |descriptor| descriptor.columns = 0,
    ];
    for change in changes {
        let columns = case.descriptor.columns;
        change(&mut case.descriptor);
        assert!(legal(&case.descriptor, 0, 0).is_err());
        assert_eq!(ending(&case), Status::Exited(1));
        case.descriptor =
            Descriptor { kernel: 3, input_count: 2, columns, params, ..case.descriptor };
    }
    assert_eq!(ending(&case), Status::Exited(0));
}

fn ending(case: &Case) -> Status {
    match machine::run_unchecked(IMAGE, case) {
        Ok(_) => Status::Exited(0),
        Err(RunError::Failed { status, .. }) => status,
        Err(error) => panic!("{error}"),
    }
}
