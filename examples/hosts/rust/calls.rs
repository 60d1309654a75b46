// A blocking call, a contact file, a callback and an answer that is fetched, without a crate.
// Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
use std::ffi::{c_char, c_void, CStr};
use std::ptr::{null, null_mut};
use std::sync::mpsc::{channel, Sender};
type Text = *const c_char;
type Done = extern "C" fn(*mut c_void, u64, Text);

#[link(name = "trillet")]
extern "C" {
    fn trillet_client_new(options: Text, error: *mut *mut c_char) -> *mut c_void;
    fn trillet_client_free(client: *mut c_void);
    fn trillet_call(client: *mut c_void, name: Text, request: Text, options: Text) -> *mut c_char;
    fn trillet_csv_check(csv: Text, length: usize, options: Text) -> *mut c_char;
    fn trillet_submit(client: *mut c_void, name: Text, request: Text, options: Text,
                      done: Option<Done>, user_data: *mut c_void) -> u64;
    fn trillet_next(client: *mut c_void, timeout: i32, id: *mut u64) -> *mut c_char;
    fn trillet_free(text: *mut c_char);
}

fn member(name: &str, json: Text) -> String {
    let json = unsafe { CStr::from_ptr(json) }.to_string_lossy();
    let after = json.split(&format!("\"{name}\":")).nth(1).unwrap_or("").to_string();
    after.chars().take_while(char::is_ascii_digit).collect()
}

fn show(what: &str, name: &str, json: *mut c_char) {
    println!("{what}: {}", member(name, json));
    unsafe { trillet_free(json) }
}

// Runs on a thread of the library. It must not unwind: a panic in it ends the process.
extern "C" fn answered(user_data: *mut c_void, _: u64, answer: Text) {
    let answers = unsafe { &*(user_data as *const Sender<String>) };
    let _ = answers.send(member("status", answer));
}

fn main() {
    let (agents, flows) = (b"agents.list\0".as_ptr().cast(), b"flows.list\0".as_ptr().cast());
    let file = "phone_number\n+12025550164\n12\n";
    let (sender, answers) = channel::<String>();
    unsafe {
        let client = trillet_client_new(null(), null_mut());
        assert!(!client.is_null(), "no client: are TRILLET_API_KEY and TRILLET_BASE_URL right?");
        show("call", "status", trillet_call(client, agents, null(), null()));
        show("contacts", "accepted", trillet_csv_check(file.as_ptr().cast(), file.len(), null()));
        let user_data = &sender as *const Sender<String> as *mut c_void;
        trillet_submit(client, flows, null(), null(), Some(answered), user_data);
        println!("done: {}", answers.recv().unwrap());
        trillet_submit(client, agents, null(), null(), None, null_mut());
        show("next", "status", trillet_next(client, -1, null_mut()));
        trillet_client_free(client);
    }
}
