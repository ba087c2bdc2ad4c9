// SPDX-License-Identifier: Apache-2.0
// Hashes against published vectors.
#include "core/base/hash.h"

#include <QCryptographicHash>
#include <QTest>

using namespace bitlathe;

namespace {

std::span<const std::byte> bytesOf(std::string_view text)
{
    return std::as_bytes(std::span(text.data(), text.size()));
}

} // namespace

class TestHash : public QObject
{
    Q_OBJECT

private slots:
    /// Vectors of FIPS 180-4.
    void sha256Vectors()
    {
        QCOMPARE(sha256({}), std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        QCOMPARE(sha256(bytesOf("abc")),
                 std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        QCOMPARE(sha256(bytesOf("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
                 std::string("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
    }

    void sha256AgreesWithQt()
    {
        const QByteArray data(1'000'003, 'q');
        const QByteArray expected = QCryptographicHash::hash(data, QCryptographicHash::Sha256).toHex();
        QCOMPARE(sha256(bytesOf({data.constData(), static_cast<std::size_t>(data.size())})), expected.toStdString());
    }

    /// The empty digest of XXH3-128 is published with the algorithm.
    void fastHashOfNothing() { QCOMPARE(FastHash().digest(), std::string("99aa06d3014798d86001c324468d497f")); }

    void fastHashDoesNotDependOnPieces()
    {
        const std::string text(100'000, 'x');
        FastHash whole;
        whole.add(bytesOf(text));
        FastHash pieces;
        for (std::size_t at = 0; at < text.size(); at += 777) {
            pieces.add(bytesOf(std::string_view(text).substr(at, 777)));
        }
        QCOMPARE(pieces.digest(), whole.digest());
    }

    void fastHashKeepsStringsApart()
    {
        const auto hashOf = [](std::string_view a, std::string_view b) { return FastHash().add(a).add(b).digest(); };
        QVERIFY(hashOf("a", "bc") != hashOf("ab", "c"));
        QVERIFY(hashOf("", "a") != hashOf("a", ""));
        QCOMPARE(hashOf("a", "b"), hashOf("a", "b"));
    }

    void fastHashMoves()
    {
        FastHash first;
        first.add(std::int64_t{5});
        FastHash second = std::move(first);
        second.add(std::int64_t{6});
        QCOMPARE(second.digest(), FastHash().add(std::int64_t{5}).add(std::int64_t{6}).digest());
    }
};

QTEST_GUILESS_MAIN(TestHash)
#include "tst_hash.moc"
