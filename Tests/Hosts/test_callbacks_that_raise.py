"""Callbacks that raise or die in their language, inside trillet_drive()."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import hosts
from hosts import EXAMPLES
from watched_service import WatchedService, watched_service

# After half of the answers the callback raises, and the program goes on with the same client.
RUBY = """
answers = raised = 0
done = Fiddle::Closure::BlockCaller.new(
  Fiddle::TYPE_VOID, [Fiddle::TYPE_VOIDP, Fiddle::TYPE_LONG_LONG, Fiddle::TYPE_VOIDP]
) { |_, id, _| answers += 1; raise "no" if id.odd? }
20.times { Trillet.trillet_submit(client, "agents.list", nil, nil, done, nil) }
stop = Process.clock_gettime(Process::CLOCK_MONOTONIC) + 20
while answers < 20 && Process.clock_gettime(Process::CLOCK_MONOTONIC) < stop
  begin
    Trillet.trillet_drive(client, 1000)
  rescue => error
    raised += 1
    puts error.message unless error.message == "no"
  end
end
puts "#{answers} answers, #{raised} raised"
Trillet.trillet_submit(client, "agents.list", nil, nil, nil, nil)
answer = Trillet.taken(Trillet.trillet_next(client, 20000, nil))
puts "next: #{answer["status"]}"
Trillet.trillet_client_free(client)
puts "closed"
"""

RUBY_THREADS = """
answers = raised = 0
lock = Mutex.new
done = Fiddle::Closure::BlockCaller.new(
  Fiddle::TYPE_VOID, [Fiddle::TYPE_VOIDP, Fiddle::TYPE_LONG_LONG, Fiddle::TYPE_VOIDP]
) { |_, id, _| lock.synchronize { answers += 1 }; raise "no" if id.odd? }
drivers = 4.times.map do
  Thread.new do
    50.times { Trillet.trillet_submit(client, "agents.list", nil, nil, done, nil) }
    while answers < 200
      begin
        Trillet.trillet_drive(client, 100)
      rescue RuntimeError
        lock.synchronize { raised += 1 }
      end
    end
  end
end
drivers.each { |driver| driver.join(20) or abort "a thread does not end" }
puts "#{answers} answers, #{raised} raised"
Trillet.trillet_client_free(client)
puts "closed"
"""

# A function that an exception came out of is called again.
RUBY_END = """
module Trillet
  extern "int trillet_client_close(void *, int)"
end
answers = raised = 0
done = Fiddle::Closure::BlockCaller.new(
  Fiddle::TYPE_VOID, [Fiddle::TYPE_VOIDP, Fiddle::TYPE_LONG_LONG, Fiddle::TYPE_VOIDP]
) { answers += 1; raise "no" }
20.times { Trillet.trillet_submit(client, "agents.list", nil, nil, done, nil) }
begin
  END_CLIENT
rescue RuntimeError
  raised += 1
  retry
end
puts "#{answers} answers, #{raised} raised"
"""

PERL = """
my ($answers, $died) = (0, 0);
local $SIG{__WARN__} = sub { $died++ };
my $done = $ffi->closure(sub { $answers++; die "no\\n" if $_[1] % 2 });
trillet_submit($client, "agents.list", undef, undef, $done, undef) for 1 .. 20;
my $stop = time + 20;
while ($answers < 20 && time < $stop) {
    eval { trillet_drive($client, 1000); 1 } or $died++;
}
say "$answers answers, $died raised";
trillet_submit($client, "agents.list", undef, undef, undef, undef);
say "next: ", taken(trillet_next($client, 20000, undef))->{status};
trillet_client_free($client);
say "closed";
"""

OUTPUT = "20 answers, 10 raised\nnext: 200\nclosed\n"


@pytest.fixture
def watched() -> Iterator[WatchedService]:
    with watched_service() as service:
        yield service


def test_ruby_goes_on_with_a_client_whose_callback_has_raised(watched: WatchedService) -> None:
    program = hosts.beginning(EXAMPLES / "ruby/calls.rb") + RUBY
    ended = watched.run([hosts.ruby(), "-e", program])
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, OUTPUT, "")


def test_threads_of_ruby_drive_a_client_whose_callbacks_raise(watched: WatchedService) -> None:
    program = hosts.beginning(EXAMPLES / "ruby/calls.rb") + RUBY_THREADS
    ended = watched.run([hosts.ruby(), "-e", program])
    output = "200 answers, 100 raised\nclosed\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, output, "")


@pytest.mark.parametrize(
    "end", ["Trillet.trillet_client_close(client, 20000)", "Trillet.trillet_client_free(client)"]
)
def test_ruby_ends_a_client_whose_callbacks_raise(watched: WatchedService, end: str) -> None:
    program = hosts.beginning(EXAMPLES / "ruby/calls.rb") + RUBY_END.replace("END_CLIENT", end)
    ended = watched.run([hosts.ruby(), "-e", program])
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "20 answers, 20 raised\n", "")


def test_perl_goes_on_with_a_client_whose_callback_has_died(watched: WatchedService) -> None:
    program = hosts.beginning(EXAMPLES / "perl/calls.pl") + PERL
    ended = watched.run([hosts.perl(), "-e", program])
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, OUTPUT, "")
