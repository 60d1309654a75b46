// A blocking call, a contact file, a callback and an answer that is fetched, with cgo.
// Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
package main

// #cgo LDFLAGS: -ltrillet
// #include <trillet.h>
// extern void answered(void *user_data, uint64_t id, char *answer);
import "C"
import "fmt"
import "regexp"
import "unsafe"

var answers = make(chan string) // filled on a thread of the library, which Go takes in

//export answered
func answered(user unsafe.Pointer, id C.uint64_t, text *C.char) { answers <- C.GoString(text) }

func taken(text *C.char) string {
	defer C.trillet_free(text)
	return C.GoString(text)
}

func show(what, member, answer string) {
	fmt.Println(what+":", regexp.MustCompile(member + `":(\d+)`).FindStringSubmatch(answer)[1])
}

func main() {
	client := C.trillet_client_new(nil, nil)
	if client == nil {
		panic("no client: are TRILLET_API_KEY and TRILLET_BASE_URL right?")
	}
	file, agents := "phone_number\n+12025550164\n12\n", C.CString("agents.list")
	show("call", "status", taken(C.trillet_call(client, agents, nil, nil)))
	show("contacts", "accepted", taken(C.trillet_csv_check(C.CString(file), C.size_t(len(file)), nil)))
	C.trillet_submit(client, C.CString("flows.list"), nil, nil, C.trillet_done_fn(C.answered), nil)
	show("done", "status", <-answers)
	C.trillet_submit(client, agents, nil, nil, nil, nil)
	show("next", "status", taken(C.trillet_next(client, -1, nil)))
	C.trillet_client_free(client)
}
