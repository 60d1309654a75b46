// Makes requests through the C++ client, for tests that are written in Python.
//
//   wire_calls blocking|threads|callback|future CLIENT-OPTIONS
//
// Reads one request a line (operation, request and options, separated by tabs); an empty line
// carries them out and prints the answers in the same order.
#include <condition_variable>
#include <future>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <trillet.hpp>
#include <vector>

namespace {

struct Asked {
    std::string operation, request, options;
};

using Texts = std::vector<std::string>;

std::string text_of(const trillet::Answer &answer)
{
    return std::string(answer.text());
}

Texts by_blocking(const trillet::Client &client, const std::vector<Asked> &asked)
{
    Texts texts;
    for (const auto &each : asked) {
        texts.push_back(text_of(client.call(each.operation, each.request, each.options)));
    }
    return texts;
}

Texts by_threads(const trillet::Client &client, const std::vector<Asked> &asked)
{
    constexpr std::size_t count = 8;
    Texts texts(asked.size());
    std::vector<std::thread> threads;
    for (std::size_t first = 0; first < count; first++) {
        threads.emplace_back([&, first] {
            for (std::size_t index = first; index < asked.size(); index += count) {
                const auto &each = asked[index];
                texts[index] = text_of(client.call(each.operation, each.request, each.options));
            }
        });
    }
    for (auto &thread : threads) thread.join();
    return texts;
}

Texts by_callback(const trillet::Client &client, const std::vector<Asked> &asked)
{
    Texts texts(asked.size());
    std::size_t missing = asked.size();
    std::mutex mutex;
    std::condition_variable all_are_there;
    for (std::size_t index = 0; index < asked.size(); index++) {
        const auto &each = asked[index];
        client.submit(each.operation, each.request, each.options,
                      [&, index](std::uint64_t, trillet::Answer answer) {
                          const std::lock_guard<std::mutex> lock(mutex);
                          texts[index] = text_of(answer);
                          if (--missing == 0) all_are_there.notify_one();
                      });
    }
    std::unique_lock<std::mutex> lock(mutex);
    all_are_there.wait(lock, [&] { return missing == 0; });
    return texts;
}

Texts by_future(const trillet::Client &client, const std::vector<Asked> &asked)
{
    std::vector<trillet::Pending> pending;
    for (const auto &each : asked) {
        pending.push_back(client.submit_future(each.operation, each.request, each.options));
    }
    Texts texts;
    for (auto &each : pending) texts.push_back(text_of(each.answer.get()));
    return texts;
}

Texts carry_out(const std::string &door, const trillet::Client &client,
                const std::vector<Asked> &asked)
{
    if (door == "blocking") return by_blocking(client, asked);
    if (door == "threads") return by_threads(client, asked);
    if (door == "callback") return by_callback(client, asked);
    return by_future(client, asked);
}

Asked parsed(const std::string &line)
{
    const auto first = line.find('\t'), second = line.find('\t', first + 1);
    return {line.substr(0, first), line.substr(first + 1, second - first - 1),
            line.substr(second + 1)};
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 3) {
        std::cerr << "usage: wire_calls blocking|threads|callback|future CLIENT-OPTIONS\n";
        return 2;
    }
    try {
        const trillet::Client client{std::string(argv[2])};
        std::vector<Asked> asked;
        for (std::string line; std::getline(std::cin, line);) {
            if (!line.empty()) {
                asked.push_back(parsed(line));
                continue;
            }
            for (const auto &text : carry_out(argv[1], client, asked)) std::cout << text << '\n';
            std::cout.flush();
            asked.clear();
        }
    } catch (const trillet::Error &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}
