-- A blocking call, a contact file, a callback and an answer that is fetched, with LuaJIT.
-- Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
local ffi = require("ffi")
ffi.cdef [[
typedef struct trillet_client trillet_client;
typedef void (*trillet_done_fn)(void *user_data, uint64_t id, const char *answer);
trillet_client *trillet_client_new(const char *options, char **error);
void trillet_client_free(trillet_client *client);
char *trillet_call(trillet_client *, const char *operation, const char *request, const char *options);
char *trillet_csv_check(const char *csv, size_t length, const char *options);
uint64_t trillet_submit(trillet_client *, const char *operation, const char *request,
                        const char *options, trillet_done_fn done, void *user_data);
int32_t trillet_drive(trillet_client *, int32_t timeout_ms);
char *trillet_next(trillet_client *, int32_t timeout_ms, uint64_t *id);
void trillet_free(char *text);
]]
local trillet = ffi.load(os.getenv("TRILLET_LIBRARY") or "libtrillet.so.1")
-- LuaJIT must not compile a call that calls back.
jit.off(true, true)

local function member(name, text) return ffi.string(text):match('"' .. name .. '":(%d+)') end
local function taken(text) return ffi.gc(text, trillet.trillet_free) end
-- Lua code may only run on the thread of its state. With "caller" the callback runs inside
-- trillet_drive, on this one. An error must not leave it: use pcall in it.
local client = trillet.trillet_client_new('{"engine":"caller"}', nil)
assert(client ~= nil, "no client: are TRILLET_API_KEY and TRILLET_BASE_URL right?")

print("call: " .. member("status", taken(trillet.trillet_call(client, "agents.list", nil, nil))))
local file = "phone_number\n+12025550164\n12\n"
print("contacts: " .. member("accepted", taken(trillet.trillet_csv_check(file, #file, nil))))
local answer
local done = ffi.cast("trillet_done_fn", function(_, _, text) answer = member("status", text) end)
trillet.trillet_submit(client, "flows.list", nil, nil, done, nil)
while not answer do trillet.trillet_drive(client, 1000) end
print("done: " .. answer)
trillet.trillet_submit(client, "agents.list", nil, nil, nil, nil)
print("next: " .. member("status", taken(trillet.trillet_next(client, -1, nil))))
trillet.trillet_client_free(client)
done:free()
