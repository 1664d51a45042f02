// Peer of the reports on alignment and drops: reads what they need of a recording with the format's own header-only C++ library,
// and does nothing with it. The file is mapped, so that nothing is read that is not looked at.
//
//   nothing  starts and ends: what a process costs
//   index    the summary and the index of every message: all log times
//   sampled  the same, and the heads of up to 64 messages of each channel, in eight chunks: what the latency is told from
//   heads    the same index, and the head of every message: all stamps. Where chunks are compressed, each is decompressed for that
//
//   g++ -O3 -std=c++17 -I"$MCAP_CPP_INCLUDE" read_index.cpp -llz4 -lzstd -o read_index

#define MCAP_IMPLEMENTATION
#include <mcap/reader.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <set>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <vector>

namespace {

class MappedFile final : public mcap::IReadable {
public:
    explicit MappedFile(const char* path) {
        const int file = open(path, O_RDONLY);
        struct stat status {};
        if (file < 0 || fstat(file, &status) != 0) return;
        void* start = mmap(nullptr, status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
        if (start == MAP_FAILED) return;
        bytes = static_cast<std::byte*>(start);
        count = status.st_size;
    }
    uint64_t size() const override { return count; }
    uint64_t read(std::byte** output, uint64_t offset, uint64_t size) override {
        if (offset >= count) return 0;
        *output = bytes + offset;
        return std::min(size, count - offset);
    }

private:
    std::byte* bytes = nullptr;
    uint64_t count = 0;
};

struct Entry {
    mcap::Timestamp time;
    mcap::ByteOffset offset;
    std::size_t chunk;
};

void fail(const std::string& message) {
    std::fprintf(stderr, "%s\n", message.c_str());
    std::exit(EXIT_FAILURE);
}

void check(const mcap::Status& status) {
    if (!status.ok()) fail(status.message);
}

/// The records of a chunk, decompressed where they must be.
class Records {
public:
    Records(mcap::IReadable& file, const mcap::ChunkIndex& index) {
        mcap::Record record;
        check(mcap::McapReader::ReadRecord(file, index.chunkStartOffset, &record));
        mcap::Chunk chunk;
        check(mcap::McapReader::ParseChunk(record, &chunk));
        if (chunk.compression == "zstd") {
            check(mcap::ZStdReader::DecompressAll(chunk.records, chunk.compressedSize, chunk.uncompressedSize, &decompressed));
            start = decompressed.data();
        } else if (chunk.compression.empty()) {
            start = chunk.records;
        } else {
            fail("compression " + chunk.compression);
        }
        count = chunk.uncompressedSize;
    }
    /// The stamp in a message's header, as ROS 2 serialises it, added to its log time: so that both are looked at.
    uint64_t head(mcap::ByteOffset offset) const {
        if (offset + 9 + 22 + 12 > count) return 0;
        uint64_t time;
        uint32_t stamp[2];
        std::memcpy(&time, start + offset + 9 + 6, sizeof time);
        std::memcpy(stamp, start + offset + 9 + 22 + 4, sizeof stamp);
        return time + stamp[0] * 1000000000ull + stamp[1];
    }

private:
    const std::byte* start = nullptr;
    uint64_t count = 0;
    mcap::ByteArray decompressed;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) fail("usage: read_index nothing|index|sampled|heads FILE");
    const std::string mode = argv[1];
    if (mode == "nothing") return EXIT_SUCCESS;
    MappedFile file(argv[2]);
    mcap::McapReader reader;
    check(reader.open(file));
    check(reader.readSummary(mcap::ReadSummaryMethod::NoFallbackScan));
    auto chunks = reader.chunkIndexes();
    std::sort(chunks.begin(), chunks.end(), [](const auto& a, const auto& b) { return a.chunkStartOffset < b.chunkStartOffset; });

    std::map<mcap::ChannelId, std::vector<Entry>> channels;
    std::size_t listed = 0;
    for (std::size_t number = 0; number < chunks.size(); ++number) {
        uint64_t place = chunks[number].chunkStartOffset + chunks[number].chunkLength;
        const uint64_t end = place + chunks[number].messageIndexLength;
        while (place < end) {
            mcap::Record record;
            check(mcap::McapReader::ReadRecord(file, place, &record));
            place += record.recordSize();
            mcap::MessageIndex index;
            check(mcap::McapReader::ParseMessageIndex(record, &index));
            auto& entries = channels[index.channelId];
            for (const auto& [time, offset] : index.records) entries.push_back({time, offset, number});
            listed += index.records.size();
        }
    }

    // As the reports do: the chunks of eight messages of the busiest channel, and of each channel the first eight in each of these.
    std::set<std::size_t> sampled;
    const auto busiest = std::max_element(
        channels.begin(), channels.end(), [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
    if (mode == "sampled" && busiest != channels.end()) {
        const auto& entries = busiest->second;
        for (std::size_t place = 0; place < 8; ++place) sampled.insert(entries[place * (entries.size() - 1) / 7].chunk);
    }
    std::vector<std::vector<mcap::ByteOffset>> wanted(chunks.size());
    for (const auto& [channel, entries] : channels) {
        if (mode == "heads") {
            for (const auto& entry : entries) wanted[entry.chunk].push_back(entry.offset);
        } else if (mode == "sampled") {
            std::map<std::size_t, std::size_t> taken;
            for (const auto& entry : entries) {
                if (sampled.count(entry.chunk) && taken[entry.chunk]++ < 8) wanted[entry.chunk].push_back(entry.offset);
            }
            const std::size_t few = std::min<std::size_t>(entries.size(), 8);
            for (std::size_t place = 0; taken.empty() && place < few; ++place) {
                const auto& entry = entries[place * (entries.size() - 1) / std::max<std::size_t>(few - 1, 1)];
                wanted[entry.chunk].push_back(entry.offset);
            }
        }
    }
    uint64_t sum = 0;
    std::size_t heads = 0;
    for (std::size_t number = 0; number < chunks.size(); ++number) {
        if (wanted[number].empty()) continue;
        const Records records(file, chunks[number]);
        for (const auto offset : wanted[number]) sum += records.head(offset);
        heads += wanted[number].size();
    }
    std::printf("%zu messages listed, %zu heads read, %llu\n", listed, heads, static_cast<unsigned long long>(sum));
    return EXIT_SUCCESS;
}
