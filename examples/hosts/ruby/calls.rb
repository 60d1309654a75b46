# A blocking call, a callback and an answer that is fetched, with Fiddle and no gem.
# Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
require "fiddle/import"
require "json"

module Trillet
  extend Fiddle::Importer
  dlload ENV.fetch("TRILLET_LIBRARY", "libtrillet.so.1")
  extern "void *trillet_client_new(const char *, void *)"
  extern "void trillet_client_free(void *)"
  extern "void *trillet_call(void *, const char *, const char *, const char *)"
  extern "unsigned long long trillet_submit(void *, const char *, const char *, const char *, void *, void *)"
  extern "int trillet_drive(void *, int)"
  extern "void *trillet_next(void *, int, void *)"
  extern "void trillet_free(void *)"

  def self.taken(text)
    JSON.parse(text.to_s)
  ensure
    trillet_free(text)
  end
end

# Ruby code may only run on threads that Ruby knows. With "caller" the callback runs inside
# trillet_drive, on this one; with "thread" it would end the process.
client = Trillet.trillet_client_new('{"engine":"caller"}', nil)
abort "no client: are TRILLET_API_KEY and TRILLET_BASE_URL right?" if client.null?

answer = Trillet.taken(Trillet.trillet_call(client, "agents.list", nil, nil))
puts "call: #{answer["status"]}"

# The variable keeps the callback alive until its answer has come.
answer = nil
done = Fiddle::Closure::BlockCaller.new(
  Fiddle::TYPE_VOID, [Fiddle::TYPE_VOIDP, Fiddle::TYPE_LONG_LONG, Fiddle::TYPE_VOIDP]
) { |_, _, text| answer = JSON.parse(text.to_s) }
Trillet.trillet_submit(client, "flows.list", nil, nil, done, nil)
Trillet.trillet_drive(client, 1000) until answer
puts "done: #{answer["status"]}"

Trillet.trillet_submit(client, "agents.list", nil, nil, nil, nil)
# Ctrl-C ends a wait in trillet_drive, but none in trillet_next.
Trillet.trillet_drive(client, -1) while (text = Trillet.trillet_next(client, 0, nil)).null?
answer = Trillet.taken(text)
puts "next: #{answer["status"]}"
Trillet.trillet_client_free(client)
