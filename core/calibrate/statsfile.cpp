// SPDX-License-Identifier: Apache-2.0
// The file of one block's statistics.
#include "core/calibrate/statsfile.h"

#include "core/base/descriptor.h"
#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/checkpoint/mappedfile.h"
#include "core/checkpoint/safetensors.h"
#include "kernels/backend.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>

namespace bitlathe::calibrate
{

namespace fs = std::filesystem;
using checkpoint::DType;
using checkpoint::TensorEntry;

namespace
{

constexpr std::size_t kHashChars = 32;
constexpr const char* kChecksums = "checksums";

struct NamedVector
{
    const char* name;
    std::vector<float> InputStats::*member;
};
constexpr std::array kChannelVectors{
    NamedVector{"min", &InputStats::min}, NamedVector{"max", &InputStats::max}, NamedVector{"mean", &InputStats::mean},
    NamedVector{"abs_max", &InputStats::absMax}, NamedVector{"abs_mean", &InputStats::absMean}};

struct NamedKeyValue
{
    const char* name;
    std::vector<float> KeyValueStats::*member;
};
constexpr std::array kKeyValueVectors{NamedKeyValue{"key_min", &KeyValueStats::keyMin},
                                      NamedKeyValue{"key_max", &KeyValueStats::keyMax},
                                      NamedKeyValue{"key_abs_max", &KeyValueStats::keyAbsMax},
                                      NamedKeyValue{"value_min", &KeyValueStats::valueMin},
                                      NamedKeyValue{"value_max", &KeyValueStats::valueMax},
                                      NamedKeyValue{"value_abs_max", &KeyValueStats::valueAbsMax}};

std::int64_t triangle(std::int64_t features)
{
    return features * (features + 1) / 2;
}

/// A tensor that will be written and the pieces of memory that make it up.
struct Part
{
    TensorEntry entry;
    std::vector<std::span<const std::byte>> pieces;
};

template <typename T>
Part makePart(std::string name, DType dtype, std::span<const T> values)
{
    Part part;
    part.entry = {std::move(name), dtype, {static_cast<std::int64_t>(values.size())}, 0, 0, values.size_bytes()};
    part.pieces = {std::as_bytes(values)};
    return part;
}

Part hessianPart(std::string name, const InputStats& input)
{
    Part part;
    const std::int64_t count = triangle(input.features);
    part.entry = {std::move(name), DType::F32, {count}, 0, 0, static_cast<std::uint64_t>(count) * sizeof(float)};
    const auto width = static_cast<std::size_t>(input.features);
    for (std::size_t row = 0; row < width; ++row) {
        part.pieces.push_back(std::as_bytes(std::span(input.hessian).subspan(row * width, row + 1)));
    }
    return part;
}

/// Numbers that need a place in memory until they are written.
struct InputNumbers
{
    std::vector<std::int64_t> linears;
    std::array<std::int64_t, 1> tokens{};
};

/// The parts in file order: I64 first, then F32, Hessians last.
std::vector<Part> partsOf(const BlockStats& stats, std::vector<InputNumbers>& numbers, std::size_t& hessiansFrom)
{
    std::vector<Part> parts;
    numbers.resize(stats.inputs.size());
    for (std::size_t i = 0; i < stats.inputs.size(); ++i) {
        for (const LayerId linear : stats.inputs[i].linears) {
            numbers[i].linears.push_back(linear.value());
        }
        numbers[i].tokens = {stats.inputs[i].tokens};
        parts.push_back(makePart<std::int64_t>(fmt::format("input.{}.linears", i), DType::I64, numbers[i].linears));
        parts.push_back(makePart<std::int64_t>(fmt::format("input.{}.tokens", i), DType::I64, numbers[i].tokens));
    }
    for (std::size_t i = 0; i < stats.inputs.size(); ++i) {
        for (const auto& [name, member] : kChannelVectors) {
            parts.push_back(makePart<float>(fmt::format("input.{}.{}", i, name), DType::F32, stats.inputs[i].*member));
        }
    }
    for (const auto& [name, member] : kKeyValueVectors) {
        parts.push_back(makePart<float>(fmt::format("key_value.{}", name), DType::F32, stats.keyValue.*member));
    }
    hessiansFrom = parts.size();
    for (std::size_t i = 0; i < stats.inputs.size(); ++i) {
        if (!stats.inputs[i].hessian.empty()) {
            parts.push_back(hessianPart(fmt::format("input.{}.hessian", i), stats.inputs[i]));
        }
    }
    return parts;
}

std::string hashOf(std::span<const Part> parts)
{
    FastHash hash;
    for (const Part& part : parts) {
        hash.add(part.entry.name);
        for (const auto piece : part.pieces) {
            hash.add(piece);
        }
    }
    return hash.digest();
}

struct CloseStream
{
    void operator()(std::FILE* stream) const { std::fclose(stream); }
};

/// Writes the pieces one after the other; errno says what went wrong.
bool writePieces(int fd, const std::string& header, std::span<const Part> parts)
{
    const int copy = ::dup(fd);
    const std::unique_ptr<std::FILE, CloseStream> stream(copy >= 0 ? ::fdopen(copy, "wb") : nullptr);
    if (!stream || std::fwrite(header.data(), 1, header.size(), stream.get()) != header.size()) {
        return false;
    }
    for (const Part& part : parts) {
        for (const auto piece : part.pieces) {
            if (std::fwrite(piece.data(), 1, piece.size(), stream.get()) != piece.size()) {
                return false;
            }
        }
    }
    return std::fflush(stream.get()) == 0;
}

Failure invalid(const fs::path& file, Text found)
{
    return fail(ErrorCode::FileInvalid, file.string(), Text(BITLATHE_TEXT("statistics of a calibration")),
                std::move(found), Text(BITLATHE_TEXT("Delete this file and calibrate again")));
}

} // namespace

WrittenStats::WrittenStats(const fs::path& file, Descriptor fd, std::string temporary)
    : m_file(file), m_fd(std::move(fd)), m_temporary(std::move(temporary))
{}

WrittenStats::~WrittenStats()
{
    if (m_fd.isOpen()) {
        ::unlink(m_temporary.c_str());
    }
}

Result<WrittenStats> WrittenStats::write(const fs::path& file, const BlockStats& stats)
{
    std::vector<InputNumbers> numbers;
    std::size_t hessiansFrom = 0;
    std::vector<Part> parts = partsOf(stats, numbers, hessiansFrom);
    const auto all = std::span<const Part>(parts);
    const std::string checksums = hashOf(all.first(hessiansFrom)) + hashOf(all.subspan(hessiansFrom));
    parts.insert(parts.begin(), makePart<char>(kChecksums, DType::U8, checksums));
    std::vector<TensorEntry> entries;
    std::ranges::transform(parts, std::back_inserter(entries), &Part::entry);

    std::string temporary = file.string() + ".XXXXXX";
    Descriptor fd(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!fd.isOpen()) {
        return Failure(writeError(file, errno));
    }
    WrittenStats written(file, std::move(fd), std::move(temporary));
    const int to = written.m_fd.get();
    if (!writePieces(to, checkpoint::safetensorsHeader(entries), parts) || ::fchmod(to, 0644) != 0) {
        return Failure(writeError(file, errno));
    }
    return written;
}

Result<void> WrittenStats::publish()
{
    if (::fsync(m_fd.get()) != 0 || ::rename(m_temporary.c_str(), m_file.c_str()) != 0) {
        return Failure(writeError(m_file, errno));
    }
    m_fd.reset();
    return syncFolder(m_file.parent_path());
}

namespace
{

/// Reads tensors of an open file by name.
class Reader
{
public:
    static Result<Reader> open(const fs::path& file)
    {
        BITLATHE_TRY(checkpoint::MappedFile map, checkpoint::MappedFile::open(file));
        BITLATHE_TRY(checkpoint::SafetensorsHeader header, checkpoint::parseSafetensors(map.bytes(), file.string()));
        return Reader(file, std::move(map), std::move(header));
    }

    bool has(const std::string& name) const { return m_byName.contains(name); }

    /// The bytes of a tensor of this type, which has one dimension.
    Result<std::span<const std::byte>> bytes(const std::string& name, DType dtype) const
    {
        const auto found = m_byName.find(name);
        if (found == m_byName.end()) {
            return invalid(m_file, Text(BITLATHE_TEXT("no tensor \"%1\""), name));
        }
        const TensorEntry& entry = m_header.entries[found->second];
        if (entry.dtype != dtype || entry.shape.size() != 1) {
            return invalid(m_file, Text(BITLATHE_TEXT("a tensor \"%1\" of another type or shape"), name));
        }
        return m_map.bytes().subspan(entry.offset, entry.bytes);
    }

    template <typename T>
    Result<std::vector<T>> values(const std::string& name, DType dtype) const
    {
        BITLATHE_TRY(const auto raw, bytes(name, dtype));
        std::vector<T> out(raw.size() / sizeof(T));
        if (!raw.empty()) {
            std::memcpy(out.data(), raw.data(), raw.size());
        }
        return out;
    }

    /// Compares the stored hash of Hessians, or of all others, with that of the bytes in the file.
    Result<void> check(bool hessians) const
    {
        BITLATHE_TRY(const auto stored, values<char>(kChecksums, DType::U8));
        FastHash hash;
        for (const TensorEntry& entry : m_header.entries) {
            if (entry.name != kChecksums && entry.name.ends_with(".hessian") == hessians) {
                hash.add(entry.name);
                hash.add(m_map.bytes().subspan(entry.offset, entry.bytes));
            }
        }
        if (stored.size() != 2 * kHashChars ||
            hash.digest() != std::string_view(stored.data() + (hessians ? kHashChars : 0), kHashChars)) {
            return invalid(m_file, Text(BITLATHE_TEXT("bytes that changed since they were written")));
        }
        return {};
    }

    const fs::path& file() const { return m_file; }

private:
    Reader(fs::path file, checkpoint::MappedFile map, checkpoint::SafetensorsHeader header)
        : m_file(std::move(file)), m_map(std::move(map)), m_header(std::move(header))
    {
        for (std::size_t i = 0; i < m_header.entries.size(); ++i) {
            m_byName.emplace(m_header.entries[i].name, i);
        }
    }

    fs::path m_file;
    checkpoint::MappedFile m_map;
    checkpoint::SafetensorsHeader m_header;
    std::map<std::string, std::size_t> m_byName;
};

/// The lower triangle as a full symmetric matrix.
Result<void> readHessian(const Reader& reader, const std::string& name, InputStats& input)
{
    BITLATHE_TRY(const auto raw, reader.bytes(name, DType::F32));
    if (raw.size() != static_cast<std::size_t>(triangle(input.features)) * sizeof(float)) {
        return invalid(reader.file(), Text(BITLATHE_TEXT("a tensor \"%1\" of another size"), name));
    }
    const auto width = static_cast<std::size_t>(input.features);
    input.hessian.resize(width * width);
    const std::byte* from = raw.data();
    for (std::size_t row = 0; row < width; ++row) {
        std::memcpy(input.hessian.data() + row * width, from, (row + 1) * sizeof(float));
        from += (row + 1) * sizeof(float);
    }
    kernels::cpuBackend().mirrorLower(input.hessian, input.features);
    return {};
}

Result<InputStats> readInput(const Reader& reader, std::size_t index, std::int64_t block, StatsPart part)
{
    InputStats input;
    input.block = block;
    const std::string prefix = fmt::format("input.{}.", index);
    BITLATHE_TRY(const auto linears, reader.values<std::int64_t>(prefix + "linears", DType::I64));
    for (const std::int64_t linear : linears) {
        input.linears.emplace_back(linear);
    }
    BITLATHE_TRY(const auto tokens, reader.values<std::int64_t>(prefix + "tokens", DType::I64));
    for (const auto& [name, member] : kChannelVectors) {
        BITLATHE_TRY(input.*member, reader.values<float>(prefix + name, DType::F32));
    }
    input.features = static_cast<std::int64_t>(input.min.size());
    const bool sameSizes = std::ranges::all_of(
        kChannelVectors, [&](const NamedVector& vector) { return (input.*vector.member).size() == input.min.size(); });
    if (tokens.size() != 1 || tokens[0] < 0 || linears.empty() || !sameSizes) {
        return invalid(reader.file(), Text(BITLATHE_TEXT("an input %1 whose parts do not fit together"), index));
    }
    input.tokens = tokens[0];
    if (part == StatsPart::All && reader.has(prefix + "hessian")) {
        BITLATHE_CHECK(readHessian(reader, prefix + "hessian", input));
    }
    return input;
}

} // namespace

Result<BlockStats> readStatsFile(const fs::path& file, std::int64_t block, StatsPart part)
{
    BITLATHE_TRY(const Reader reader, Reader::open(file));
    BITLATHE_CHECK(reader.check(false));
    if (part == StatsPart::All) {
        BITLATHE_CHECK(reader.check(true));
    }
    BlockStats stats;
    stats.block = block;
    for (std::size_t i = 0; reader.has(fmt::format("input.{}.linears", i)); ++i) {
        BITLATHE_TRY(stats.inputs.emplace_back(), readInput(reader, i, block, part));
    }
    for (const auto& [name, member] : kKeyValueVectors) {
        BITLATHE_TRY(stats.keyValue.*member, reader.values<float>(fmt::format("key_value.{}", name), DType::F32));
    }
    return stats;
}

} // namespace bitlathe::calibrate
