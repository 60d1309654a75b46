// A client in the loop of Boost.Asio: callbacks come on its thread.
//
//   c++ -std=c++17 -o calls calls.cpp $(pkg-config --cflags --libs trillet)
// Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
#include <trillet_requests.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <iostream>

using boost::asio::posix::stream_descriptor;

/// Drives the client whenever its descriptor is readable, until nobody waits for an answer.
static void watch(stream_descriptor &descriptor, const trillet::Client &client, const int &open) {
    descriptor.async_wait(stream_descriptor::wait_read, [&](const auto &error) {
        if (error) return;
        client.drive();
        if (open > 0) watch(descriptor, client, open);
    });
}

int main() {
    trillet::Options options;
    options.engine = "caller";
    const trillet::Client client(options); // throws: are TRILLET_API_KEY and the others right?
    boost::asio::io_context context;
    stream_descriptor descriptor(context, client.completion_fd());
    int open = 2;
    const auto show = [&open](std::uint64_t, const trillet::Answer &answer) {
        std::cout << answer.operation() << ": " << answer.status() << std::endl;
        --open;
    };
    client.submit(trillet::AgentsList(), show);
    client.submit(trillet::FlowsList(), show);
    watch(descriptor, client, open);
    context.run();
    descriptor.release(); // the client closes it
}
