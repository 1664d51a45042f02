// Peer of `exportctl inspect --verify`: reads every message of a recording by log time with the format's own header-only C++
// reader, which checks no chunk's checksum. Prints how many messages and bytes there were.
//
//   g++ -O3 -std=c++17 -I"$MCAP_CPP_INCLUDE" read_log_order.cpp -llz4 -lzstd -o read_log_order

#define MCAP_IMPLEMENTATION
#include <mcap/reader.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s FILE\n", argv[0]);
        return EXIT_FAILURE;
    }
    const auto complain = [](const mcap::Status& status) { std::fprintf(stderr, "%s\n", status.message.c_str()); };

    mcap::McapReader reader;
    if (const auto status = reader.open(argv[1]); !status.ok()) {
        complain(status);
        return EXIT_FAILURE;
    }
    mcap::ReadMessageOptions options;
    options.readOrder = mcap::ReadMessageOptions::ReadOrder::LogTimeOrder;

    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    for (const auto& view : reader.readMessages(complain, options)) {
        messages += 1;
        bytes += view.message.dataSize;
    }
    std::printf("%llu messages, %llu bytes\n", static_cast<unsigned long long>(messages), static_cast<unsigned long long>(bytes));
    return EXIT_SUCCESS;
}
