//! What the example uses of trillet.h, and texts that own their memory no longer than needed.
use std::ffi::{c_char, c_void, CStr};

pub type Text = *const c_char;
pub type Client = *mut c_void;
pub type Done = extern "C" fn(*mut c_void, u64, Text);

#[link(name = "trillet")]
extern "C" {
    pub fn trillet_client_new(options: Text, error: *mut *mut c_char) -> Client;
    pub fn trillet_client_free(client: Client);
    pub fn trillet_call(client: Client, name: Text, request: Text, options: Text) -> *mut c_char;
    pub fn trillet_csv_check(csv: Text, length: usize, options: Text) -> *mut c_char;
    pub fn trillet_submit(
        client: Client,
        name: Text,
        request: Text,
        options: Text,
        done: Option<Done>,
        user_data: *mut c_void,
    ) -> u64;
    pub fn trillet_next(client: Client, timeout: i32, id: *mut u64) -> *mut c_char;
    pub fn trillet_free(text: *mut c_char);
}

pub unsafe fn copied(text: Text) -> String {
    CStr::from_ptr(text).to_string_lossy().into_owned()
}

pub unsafe fn taken(text: *mut c_char) -> String {
    let answer = copied(text);
    trillet_free(text);
    answer
}
