// SPDX-License-Identifier: Apache-2.0
// The fuzz targets of the text readers on seeded mutations of good files: a fixed share of what fuzzing does.
#include "readers.h"

#include "support/arrowwriter.h"
#include "support/tempfolder.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <random>

using namespace bitlathe;
using bitlathe::tests::ArrowType;
using bitlathe::tests::ArrowWriter;

namespace
{

constexpr int kMutants = 20'000;

/// Changes, repeats, drops or cuts a few bytes.
std::string mutate(const std::string& seed, std::mt19937& random)
{
    std::string mutant = seed;
    const auto below = [&random](std::size_t count) { return random() % std::max<std::size_t>(count, 1); };
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) {
        const std::size_t at = below(mutant.size());
        switch (below(6)) {
        case 0: mutant.resize(at); break;
        case 1: mutant.erase(at, 1 + below(16)); break;
        case 2: mutant.insert(at, mutant.substr(below(mutant.size()), below(32))); break;
        case 3: mutant.insert(at, 1 + below(4), "\0\xFF\",\n{[\x80"[below(8)]); break;
        default:
            if (!mutant.empty()) {
                mutant[at] = static_cast<char>(below(3) == 0 ? "\0\xFF\x7F\x80"[below(4)] : random());
            }
        }
    }
    return mutant;
}

void run(void (*target)(std::string_view), const std::vector<std::string>& seeds)
{
    std::mt19937 random(1);
    for (const std::string& seed : seeds) {
        target(seed);
        for (std::size_t length = 0; length < std::min<std::size_t>(seed.size(), 2000); ++length) {
            target(std::string_view(seed).substr(0, length));
        }
        for (int i = 0; i < kMutants; ++i) {
            const std::string mutant = mutate(seed, random);
            target(mutant);
        }
    }
}

std::string gzip(const std::string& plain)
{
    std::string packed(1000, '\0');
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

std::string zstd(const std::string& plain)
{
    std::string packed(1000, '\0');
    packed.resize(ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), 3));
    return packed;
}

/// A piece, a trainer message and a normalizer message.
std::string sentencePieceModel()
{
    return std::string("\x0A\x0C\x0A\x05<unk>\x15\0\0\0\0", 14) + std::string("\x12\x05\x18\x02\xC0\x01\x01", 7) +
           std::string("\x1A\x08\x12\0\x18\x01\x20\0\x28\x01", 10);
}

class TestReaders : public QObject
{
    Q_OBJECT

private slots:
    void arrow()
    {
        const tests::ArrowCells cells{"some", std::nullopt, "text of a row"};
        const ArrowWriter plain = ArrowWriter({{"text"}}).batch({cells}).batch({cells});
        const ArrowWriter nested =
            ArrowWriter({{"tags", ArrowType::List}, {"id", ArrowType::Int}, {"text", ArrowType::LargeUtf8}})
                .batch({cells, cells, cells});
        run(fuzz::arrow, {plain.stream(), nested.stream(), ArrowWriter({{"text"}}, true).batch({cells}).withoutEnd()});
    }

    void csv() { run(fuzz::csv, {"id,text\r\n1,\"a, \"\"b\"\"\nc\"\r\n2,\r\n3,caf\xC3\xA9\r\n"}); }

    void json()
    {
        run(fuzz::json, {"{\"text\": \"a\\u00e9\\n\", \"n\": 1}\n\n{\"text\": null}\n\"b\"\n",
                         R"({"data": [{"messages": [{"role": "user", "content": "hi"}]}, {"messages": []}]})",
                         R"([{"instruction": "i", "input": "", "output": "o"}, "text"])"});
    }

    void compressed()
    {
        const std::string text = "text, text and more text";
        run(fuzz::compressed, {gzip(text), gzip(text) + gzip(text), zstd(text), zstd(text) + zstd(text)});
    }

    void sentencePiece() { run(fuzz::sentencePiece, {sentencePieceModel()}); }

    void seedsAreGood()
    {
        QVERIFY(text::readSentencePieceFacts(sentencePieceModel(), "input").has_value());
        QCOMPARE(text::readSentencePieceFacts(sentencePieceModel(), "input")->kind, text::SentencePieceKind::Bpe);
        QCOMPARE(text::unpackGzip(gzip("text"), "input", 4).value(), std::string("text"));
        QCOMPARE(text::unpackZstd(zstd("text"), "input", 4).value(), std::string("text"));
        const auto tooLong = text::unpackGzip(gzip("texts"), "input", 4);
        QVERIFY(!tooLong && tooLong.error().sentence().find("at most 4 bytes") != std::string::npos);
        QVERIFY(!text::unpackZstd(zstd("texts"), "input", 4));
    }
};

} // namespace

QTEST_GUILESS_MAIN(TestReaders)
#include "tst_readers.moc"
