// Peer of an mcap export of one topic and a stretch of time, given in seconds after the recording's first message: copies those
// messages with the format's own header-only C++ reader and writer.
//
//   g++ -O3 -std=c++17 -I"$MCAP_CPP_INCLUDE" copy_window.cpp -llz4 -lzstd -o copy_window

#define MCAP_IMPLEMENTATION
#include <mcap/reader.hpp>
#include <mcap/writer.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

int main(int argc, char** argv) {
    if (argc != 6) {
        std::fprintf(stderr, "usage: %s FILE OUT TOPIC FROM TO\n", argv[0]);
        return EXIT_FAILURE;
    }
    const auto complain = [](const mcap::Status& status) { std::fprintf(stderr, "%s\n", status.message.c_str()); };

    mcap::McapReader reader;
    if (auto status = reader.open(argv[1]); !status.ok()) {
        complain(status);
        return EXIT_FAILURE;
    }
    if (auto status = reader.readSummary(mcap::ReadSummaryMethod::NoFallbackScan, complain); !status.ok()) {
        complain(status);
        return EXIT_FAILURE;
    }
    mcap::McapWriter writer;
    mcap::McapWriterOptions settings(reader.header()->profile);
    const std::string compression = reader.chunkIndexes().empty() ? "" : reader.chunkIndexes().front().compression;
    settings.compression = compression == "zstd" ? mcap::Compression::Zstd
                           : compression == "lz4" ? mcap::Compression::Lz4
                                                  : mcap::Compression::None;
    if (auto status = writer.open(argv[2], settings); !status.ok()) {
        complain(status);
        return EXIT_FAILURE;
    }
    const std::string_view topic = argv[3];
    const auto first = reader.statistics()->messageStartTime;
    mcap::ReadMessageOptions options;
    options.startTime = first + std::strtoull(argv[4], nullptr, 10) * 1'000'000'000ull;
    options.endTime = first + std::strtoull(argv[5], nullptr, 10) * 1'000'000'000ull;
    options.topicFilter = [topic](std::string_view name) { return name == topic; };

    mcap::ChannelId copied = 0;
    std::uint64_t messages = 0;
    for (const auto& view : reader.readMessages(complain, options)) {
        if (copied == 0) {
            mcap::SchemaId schemaId = 0;
            if (view.schema) {
                mcap::Schema schema(view.schema->name, view.schema->encoding, view.schema->data);
                writer.addSchema(schema);
                schemaId = schema.id;
            }
            mcap::Channel channel(view.channel->topic, view.channel->messageEncoding, schemaId, view.channel->metadata);
            writer.addChannel(channel);
            copied = channel.id;
        }
        mcap::Message message = view.message;
        message.channelId = copied;
        if (auto status = writer.write(message); !status.ok()) {
            complain(status);
            return EXIT_FAILURE;
        }
        messages += 1;
    }
    writer.close();
    std::printf("%llu messages\n", static_cast<unsigned long long>(messages));
    return messages > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
