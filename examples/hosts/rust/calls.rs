//! A blocking call, a contact file, a callback and an answer that is fetched, without a crate.
//! Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
mod trillet;

use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::mpsc::{channel, Sender};
use trillet::*;

fn show(what: &str, member: &str, answer: String) {
    let after = answer.split(&format!("\"{member}\":")).nth(1).unwrap_or("none");
    println!("{what}: {}", after.split([',', '}']).next().unwrap_or(after));
}

// Runs on a thread of the library. It must not unwind: a panic in it ends the process.
extern "C" fn answered(user_data: *mut c_void, _: u64, answer: Text) {
    let answers = unsafe { &*(user_data as *const Sender<String>) };
    let _ = answers.send(unsafe { copied(answer) });
}

fn main() {
    let (agents, flows) = (b"agents.list\0".as_ptr().cast(), b"flows.list\0".as_ptr().cast());
    let file = "phone_number\n+12025550164\n12\n";
    let (sender, answers) = channel::<String>();
    unsafe {
        let client = trillet_client_new(null(), null_mut());
        assert!(!client.is_null(), "no client: are TRILLET_API_KEY and TRILLET_BASE_URL right?");
        show("call", "status", taken(trillet_call(client, agents, null(), null())));
        let checked = taken(trillet_csv_check(file.as_ptr().cast(), file.len(), null()));
        show("contacts", "accepted", checked);
        let user_data = &sender as *const Sender<String> as *mut c_void;
        trillet_submit(client, flows, null(), null(), Some(answered), user_data);
        show("done", "status", answers.recv().unwrap());
        trillet_submit(client, agents, null(), null(), None, null_mut());
        show("next", "status", taken(trillet_next(client, -1, null_mut())));
        trillet_client_free(client);
    }
}
