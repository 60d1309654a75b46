# A blocking call, a contact file, an answer as an event and one that is fetched.
#   cc -shared -fPIC -I/usr/include/tcl -o trillet_tcl.so trillet_tcl.c $(pkg-config --cflags --libs trillet)
#   tclsh calls.tcl ./trillet_tcl.so
# Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
load [lindex $argv 0] Trillet

proc member {name json} {
    regexp "\"$name\":(\\d+)" $json all value
    return $value
}

trillet open
puts "call: [member status [trillet call agents.list]]"
puts "contacts: [member accepted [trillet contacts "phone_number\n+12025550164\n12\n"]]"
trillet submit flows.list event
vwait answer
puts "done: [member status $answer]"
trillet submit agents.list
puts "next: [member status [trillet next]]"
trillet close
