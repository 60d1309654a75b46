// A blocking call, a contact file, a callback and an answer that is fetched, with cgo.
// Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
package main

// #cgo LDFLAGS: -ltrillet
// #include <trillet.h>
// extern void answered(void *user_data, uint64_t id, char *answer);
import "C"

import (
	"encoding/json"
	"fmt"
	"os"
	"unsafe"
)

type answer struct {
	Status int
	Data   struct{ Rows struct{ Accepted int } }
}

func read(text *C.char) (read answer) {
	json.Unmarshal([]byte(C.GoString(text)), &read)
	return read
}

func taken(text *C.char) answer {
	defer C.trillet_free(text)
	return read(text)
}

var answers = make(chan answer, 1)

// Runs on a thread of the library, which Go takes in: "thread", the default, is right.
//
//export answered
func answered(user unsafe.Pointer, id C.uint64_t, text *C.char) { answers <- read(text) }

func main() {
	client := C.trillet_client_new(nil, nil)
	if client == nil {
		fmt.Fprintln(os.Stderr, "no client: are TRILLET_API_KEY and TRILLET_BASE_URL right?")
		os.Exit(1)
	}
	defer C.trillet_client_free(client)
	agents, flows := C.CString("agents.list"), C.CString("flows.list")
	fmt.Println("call:", taken(C.trillet_call(client, agents, nil, nil)).Status)
	file := "phone_number\n+12025550164\n12\n"
	checked := taken(C.trillet_csv_check(C.CString(file), C.size_t(len(file)), nil))
	fmt.Println("contacts:", checked.Data.Rows.Accepted)
	C.trillet_submit(client, flows, nil, nil, C.trillet_done_fn(C.answered), nil)
	fmt.Println("done:", (<-answers).Status)
	C.trillet_submit(client, agents, nil, nil, nil, nil)
	fmt.Println("next:", taken(C.trillet_next(client, -1, nil)).Status)
}
