# A blocking call, a contact file, a callback and an answer that is fetched, with FFI::Platypus.
# Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
use v5.32;
use warnings;
use FFI::Platypus 2.00;
use JSON::PP qw(decode_json);

my $ffi = FFI::Platypus->new(api => 2, lib => $ENV{TRILLET_LIBRARY} // "libtrillet.so.1");
$ffi->type("(opaque,uint64,string)->void" => "done_t");
$ffi->attach(trillet_client_new => ["string", "opaque"] => "opaque");
$ffi->attach($_ => ["opaque"]) for qw(trillet_client_free trillet_free);
$ffi->attach(trillet_call => ["opaque", "string", "string", "string"] => "opaque");
$ffi->attach(trillet_csv_check => ["string", "size_t", "string"] => "opaque");
$ffi->attach(trillet_submit => [qw(opaque string string string done_t opaque)] => "uint64");
$ffi->attach(trillet_drive => ["opaque", "sint32"] => "sint32");
$ffi->attach(trillet_next => ["opaque", "sint32", "opaque"] => "opaque");

sub taken {
    my $json = $ffi->cast("opaque", "string", $_[0]);
    trillet_free($_[0]);
    return decode_json($json);
}
# Perl code may only run on the thread of its interpreter. With "caller" the callback runs inside
# trillet_drive, on this one; with "thread" it would end the process.
my $client = trillet_client_new('{"engine":"caller"}', undef)
    // die "no client: are TRILLET_API_KEY and TRILLET_BASE_URL right?\n";

say "call: ", taken(trillet_call($client, "agents.list", undef, undef))->{status};
my $file = "phone_number\n+12025550164\n12\n";
say "contacts: ", taken(trillet_csv_check($file, length $file, undef))->{data}{rows}{accepted};
my ($answer, $text);
my $done = $ffi->closure(sub { $answer = decode_json($_[2]) });
trillet_submit($client, "flows.list", undef, undef, $done, undef);
trillet_drive($client, 1000) until $answer;
say "done: $answer->{status}";
trillet_submit($client, "agents.list", undef, undef, undef, undef);
# A handler in %SIG runs after a wait in trillet_drive, which a signal ends; none in trillet_next.
trillet_drive($client, -1) until $text = trillet_next($client, 0, undef);
say "next: ", taken($text)->{status};
trillet_client_free($client);
