// SPDX-License-Identifier: Apache-2.0
// Tensors as f32, element by element, and the search for what is not finite.
#include "core/checkpoint/checkpoint.h"

#include "support/tempfolder.h"

#include <QTest>

#include <bit>
#include <cmath>
#include <limits>

using namespace bitlathe;
using namespace bitlathe::checkpoint;

namespace
{

constexpr float kInfinity = std::numeric_limits<float>::infinity();

template <typename Stored>
TensorView viewOf(DType dtype, const std::vector<Stored>& values, Shape shape = {})
{
    if (shape.empty()) {
        shape = {static_cast<std::int64_t>(values.size())};
    }
    return {"t", dtype, std::move(shape), std::as_bytes(std::span(values))};
}

/// A half by its definition in IEEE 754, in f64.
double halfByDefinition(unsigned bits)
{
    const double sign = (bits & 0x8000U) != 0 ? -1.0 : 1.0;
    const int exponent = static_cast<int>((bits >> 10U) & 31U);
    const int mantissa = static_cast<int>(bits & 1023U);
    if (exponent == 31) {
        return mantissa == 0 ? sign * std::numeric_limits<double>::infinity()
                             : std::numeric_limits<double>::quiet_NaN();
    }
    return exponent == 0 ? sign * std::ldexp(mantissa, -24) : sign * std::ldexp(1024 + mantissa, exponent - 25);
}

bool same(float a, float b)
{
    return std::isnan(a) ? std::isnan(b) : std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

} // namespace

class TestTensor : public QObject
{
    Q_OBJECT

private slots:
    void dtypesHaveNamesAndSizes()
    {
        constexpr int kCount = static_cast<int>(DType::F8E5M2) + 1;
        for (int i = 0; i < kCount; ++i) {
            const auto dtype = static_cast<DType>(i);
            QCOMPARE(dtypeFromName(dtypeName(dtype)).value(), dtype);
            QVERIFY(dtypeBytes(dtype) == 1 || dtypeBytes(dtype) == 2 || dtypeBytes(dtype) == 4 ||
                    dtypeBytes(dtype) == 8);
        }
        QVERIFY(!dtypeFromName("F4"));
        QVERIFY(!dtypeFromName("bf16"));
        QVERIFY(!dtypeFromName(""));
        QCOMPARE(dtypeBytes(DType::BF16), std::uint64_t{2});
        QVERIFY(isFloat(DType::F8E4M3) && isFloat(DType::F64) && !isFloat(DType::U32) && !isFloat(DType::Bool));
    }

    /// The file is of another tool: the values are what PyTorch put in.
    void readsAllDtypesOfAnotherTool()
    {
        const auto checkpoint = Checkpoint::open(BITLATHE_SOURCE_DIR "/tests/data/safetensors/all-dtypes.safetensors");
        BITLATHE_VERIFY_OK(checkpoint);
        const auto valuesOf = [&](const char* name) { return toF32((*checkpoint)->tensor(name).value()); };
        const std::vector<float> signedValues{0, -1, 2, -3, 96};
        const std::vector<float> unsignedValues{0, 1, 2, 3, 200};
        for (const char* name : {"i8", "i16", "i32", "i64", "f16", "f32", "f64", "f8e4m3", "f8e5m2"}) {
            QVERIFY2(valuesOf(name) == signedValues, name);
        }
        for (const char* name : {"u8", "u16", "u32", "u64", "bf16"}) {
            QVERIFY2(valuesOf(name) == unsignedValues, name);
        }
        QCOMPARE(valuesOf("bool"), (std::vector<float>{0, 1, 1, 0, 1}));
        QCOMPARE(valuesOf("scalar"), std::vector<float>{1.5F});
        QVERIFY(valuesOf("empty").empty());
        for (const std::string name : {"all_f8e4m3", "all_f8e5m2"}) {
            const auto values = valuesOf(name.c_str());
            const auto expected = valuesOf((name + ".f32").c_str());
            QCOMPARE(values.size(), std::size_t{256});
            for (std::size_t i = 0; i < values.size(); ++i) {
                QVERIFY2(same(values[i], expected[i]), qPrintable(QString::number(i)));
            }
        }
    }

    void allHalves()
    {
        std::vector<std::uint16_t> bits(65536);
        for (unsigned i = 0; i < bits.size(); ++i) {
            bits[i] = static_cast<std::uint16_t>(i);
        }
        const auto halves = toF32(viewOf(DType::F16, bits));
        const auto brains = toF32(viewOf(DType::BF16, bits));
        for (unsigned i = 0; i < bits.size(); ++i) {
            QVERIFY2(same(halves[i], static_cast<float>(halfByDefinition(i))), qPrintable(QString::number(i)));
            QVERIFY2(same(brains[i], std::bit_cast<float>(i << 16U)), qPrintable(QString::number(i)));
        }
    }

    void readsPartsAtAnyAlignment()
    {
        std::vector<std::byte> room(4 * 5000 + 3);
        for (std::size_t shift = 0; shift < 3; ++shift) {
            for (std::uint32_t i = 0; i < 5000; ++i) {
                const float value = static_cast<float>(i) * 0.5F;
                std::memcpy(room.data() + shift + 4 * i, &value, 4);
            }
            const TensorView tensor{"t", DType::F32, {50, 100}, std::span(room).subspan(shift, 20'000)};
            std::vector<float> part(4097);
            readF32(tensor, 777, part);
            QCOMPARE(part.front(), 388.5F);
            QCOMPARE(part.back(), (777.0F + 4096.0F) * 0.5F);
            QVERIFY(checkFinite(tensor).has_value());
        }
        QCOMPARE((TensorView{"t", DType::F32, {}, {}}).elements(), std::int64_t{1});
        QCOMPARE((TensorView{"t", DType::F32, {3, 0}, {}}).elements(), std::int64_t{0});
    }

    void finds_data()
    {
        QTest::addColumn<int>("place");
        for (const int place : {0, 1, 2047, 2048, 4095, 9998, 9999}) {
            QTest::addRow("%d", place) << place;
        }
    }
    void finds()
    {
        QFETCH(int, place);
        const auto at = static_cast<std::size_t>(place);
        const Shape shape{100, 100};
        std::vector<float> floats(10'000, -65504.0F);
        QVERIFY(checkFinite(viewOf(DType::F32, floats, shape)));
        floats[at] = -kInfinity;
        const auto error = checkFinite(viewOf(DType::F32, floats, shape)).error();
        QCOMPARE(error.code, ErrorCode::WeightsNotFinite);
        QCOMPARE(error.subject, std::string("t"));
        QCOMPARE(error.found.english(),
                 "infinity at [" + std::to_string(place / 100) + ", " + std::to_string(place % 100) + "]");

        std::vector<std::uint16_t> halves(10'000, 0xfbffU); // The most negative finite f16.
        QVERIFY(checkFinite(viewOf(DType::F16, halves)));
        halves[at] = 0x7e01U;
        QCOMPARE(checkFinite(viewOf(DType::F16, halves)).error().found.english(),
                 "NaN at [" + std::to_string(place) + "]");
        std::vector<std::uint16_t> brains(10'000, 0xff7fU); // The most negative finite bf16.
        QVERIFY(checkFinite(viewOf(DType::BF16, brains)));
        brains[at] = 0x7f80U;
        QVERIFY(!checkFinite(viewOf(DType::BF16, brains)));
        std::vector<double> doubles(10'000, 1e308);
        QVERIFY(checkFinite(viewOf(DType::F64, doubles)));
        doubles[at] = std::nan("");
        QVERIFY(!checkFinite(viewOf(DType::F64, doubles)));
    }

    void findsInEightBits()
    {
        for (unsigned i = 0; i < 256; ++i) {
            std::vector<std::uint8_t> bytes(300, 0x3cU);
            bytes[299] = static_cast<std::uint8_t>(i);
            QCOMPARE(checkFinite(viewOf(DType::F8E4M3, bytes)).has_value(), (i & 0x7fU) != 0x7fU);
            QCOMPARE(checkFinite(viewOf(DType::F8E5M2, bytes)).has_value(), (i & 0x7fU) < 0x7cU);
        }
    }

    void integersAlwaysPass()
    {
        const std::vector<std::uint32_t> ones(100, 0xffffffffU);
        QVERIFY(checkFinite(viewOf(DType::U32, ones)));
        QVERIFY(checkFinite(viewOf(DType::I32, ones)));
        QVERIFY(checkFinite(TensorView{"t", DType::F32, {0}, {}}));
    }
};

QTEST_GUILESS_MAIN(TestTensor)
#include "tst_tensor.moc"
