# A blocking call, a contact file, a callback and an answer that is fetched, with Fiddle and no gem.
# Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
require "fiddle/import"
require "json"

module Trillet
  extend Fiddle::Importer
  dlload ENV.fetch("TRILLET_LIBRARY", "libtrillet.so.1")
  typealias "json", "const char *"
  extern "void *trillet_client_new(json, void *)"
  extern "void trillet_client_free(void *)"
  extern "void *trillet_call(void *, json, json, json)"
  extern "void *trillet_csv_check(json, size_t, json)"
  extern "unsigned long long trillet_submit(void *, json, json, json, void *, void *)"
  extern "int trillet_drive(void *, int)"
  extern "void *trillet_next(void *, int, void *)"
  extern "void trillet_free(void *)"

  def self.taken(text) = JSON.parse(text.to_s).tap { trillet_free(text) }
end

# Ruby code may only run on threads that Ruby knows. With "caller" the callback runs inside
# trillet_drive, on this one; with "thread" it would end the process.
client = Trillet.trillet_client_new('{"engine":"caller"}', nil)
abort "no client: are TRILLET_API_KEY and TRILLET_BASE_URL right?" if client.null?

puts "call: #{Trillet.taken(Trillet.trillet_call(client, "agents.list", nil, nil))["status"]}"
file = "phone_number\n+12025550164\n12\n"
checked = Trillet.taken(Trillet.trillet_csv_check(file, file.bytesize, nil))
puts "contacts: #{checked["data"]["rows"]["accepted"]}"
answer = nil
done = Trillet.bind("void done(void *, long long, char *)") { |_, _, text| answer = text.to_s }
Trillet.trillet_submit(client, "flows.list", nil, nil, done, nil)
Trillet.trillet_drive(client, 1000) until answer
puts "done: #{JSON.parse(answer)["status"]}"
Trillet.trillet_submit(client, "agents.list", nil, nil, nil, nil)
# Ctrl-C ends a wait in trillet_drive, but none in trillet_next.
Trillet.trillet_drive(client, -1) while (text = Trillet.trillet_next(client, 0, nil)).null?
puts "next: #{Trillet.taken(text)["status"]}"
Trillet.trillet_client_free(client)
