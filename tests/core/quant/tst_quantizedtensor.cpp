// SPDX-License-Identifier: Apache-2.0
// QuantizedTensor: codes and grids written down by hand, and what must come out of them.
#include "core/quant/groupparameters.h"
#include "core/quant/quantizedtensor.h"

#include <QTest>

using namespace bitlathe;
using namespace bitlathe::quant;

namespace
{

/// Two rows of five 4-bit codes in groups of 16 (so one group), asymmetric.
QuantizedTensor smallTensor()
{
    QuantizedTensor tensor;
    tensor.scheme.bits = 4;
    tensor.scheme.groupSize = 16;
    tensor.scheme.symmetric = false;
    tensor.rows = 2;
    tensor.cols = 5;
    tensor.codes = {0x10, 0x32, 0x0F, 0xFF, 0xF0, 0x05}; // 0 1 2 3 15 | 15 15 0 15 5
    tensor.scales = {0.5F, 2.0F};
    tensor.zeros = {1, 15};
    return tensor;
}

} // namespace

class TestQuantizedTensor : public QObject
{
    Q_OBJECT

private slots:
    void byHand();
    void sizes();
    void groupIndex();
    void codeBook();
    void perTensor();
    void emptyZerosMeanTheMiddle();
    void saturation();
    void parametersOfGroups();
};

void TestQuantizedTensor::byHand()
{
    const QuantizedTensor tensor = smallTensor();
    std::vector<std::uint8_t> row(5);
    tensor.unpackRow(1, row);
    QCOMPARE(row, (std::vector<std::uint8_t>{15, 15, 0, 15, 5}));
    QCOMPARE(tensor.dequantize(), (std::vector<float>{-0.5F, 0, 0.5F, 1, 7, 0, 0, -30, 0, -20}));
    std::vector<float> last(5);
    tensor.dequantizeRows(1, 1, last);
    QCOMPARE(last, (std::vector<float>{0, 0, -30, 0, -20}));
}

void TestQuantizedTensor::sizes()
{
    const QuantizedTensor tensor = smallTensor();
    QCOMPARE(tensor.bytesPerRow(), std::size_t{3});
    QCOMPARE(tensor.bytesStored(), std::uint64_t{6 + 4 + 1});
    QCOMPARE(tensor.bitsPerWeight(), 8.8);
    QCOMPARE(tensor.bitsPerWeight(), tensor.scheme.bitsPerWeight(tensor.rows, tensor.cols));
}

void TestQuantizedTensor::groupIndex()
{
    QuantizedTensor tensor = smallTensor();
    tensor.rows = 1;
    tensor.cols = 20; // two groups
    tensor.codes.assign(10, 0x44);
    tensor.scales = {1.0F, 10.0F};
    tensor.zeros = {3, 2};
    for (int col = 0; col < 20; ++col) {
        tensor.groupIndex.push_back(col % 2);
    }
    QCOMPARE(tensor.groupOf(3), 1);
    const auto values = tensor.dequantize();
    for (std::size_t col = 0; col < 20; ++col) {
        QCOMPARE(values[col], col % 2 == 0 ? 1.0F : 20.0F);
    }
}

void TestQuantizedTensor::codeBook()
{
    QuantizedTensor tensor = smallTensor();
    tensor.scheme.kind = SchemeKind::CodeBook;
    tensor.scheme.groupSize = 5; // As long as a row here.
    tensor.zeros.clear();
    for (int code = 0; code < 16; ++code) {
        tensor.codeBook.push_back(static_cast<float>(code * code));
    }
    QCOMPARE(tensor.dequantize(), (std::vector<float>{0, 0.5F, 2, 4.5F, 112.5F, 450, 450, 0, 450, 50}));
}

void TestQuantizedTensor::perTensor()
{
    QuantizedTensor tensor = smallTensor();
    tensor.scheme.groupSize = kPerTensor;
    tensor.scales = {0.25F};
    tensor.zeros = {2};
    QCOMPARE(tensor.dequantize(),
             (std::vector<float>{-0.5F, -0.25F, 0, 0.25F, 3.25F, 3.25F, 3.25F, -0.5F, 3.25F, 0.75F}));
}

void TestQuantizedTensor::emptyZerosMeanTheMiddle()
{
    QuantizedTensor tensor = smallTensor();
    tensor.zeros.clear();
    QCOMPARE(tensor.zero(1, 0), 8);
    QCOMPARE(tensor.dequantize()[4], 3.5F);
}

void TestQuantizedTensor::saturation()
{
    QCOMPARE(smallTensor().saturatedShare(), 0.6); // 0, 15, 15, 15, 0, 15 of ten
}

void TestQuantizedTensor::parametersOfGroups()
{
    const auto groups = groupParameters(smallTensor());
    QCOMPARE(groups.size(), std::size_t{2});
    QCOMPARE(groups[0].scale, 0.5F);
    QCOMPARE(groups[0].zero, 1);
    QCOMPARE(groups[0].low, -0.5F); // (0 - 1) * 0.5
    QCOMPARE(groups[0].high, 7.0F); // (15 - 1) * 0.5
    QCOMPARE(groups[0].saturated, 0.4F);
    QCOMPARE(groups[1].row, 1);
    QCOMPARE(groups[1].low, -30.0F);
    QCOMPARE(groups[1].high, 0.0F);
    QCOMPARE(groups[1].saturated, 0.8F);
    QuantizedTensor ordered = smallTensor();
    ordered.scheme.groupSize = 3; // Two groups, columns dealt out by hand.
    ordered.groupIndex = {1, 0, 0, 1, 1};
    ordered.scales = {0.5F, 0.25F, 2.0F, 1.0F};
    ordered.zeros = {1, 2, 15, 0};
    const auto dealt = groupParameters(ordered);
    QCOMPARE(dealt.size(), std::size_t{4});
    QCOMPARE(dealt[1].group, 1);
    QCOMPARE(dealt[1].scale, 0.25F);
    QCOMPARE(dealt[1].high, 3.25F);         // (15 - 2) * 0.25
    QCOMPARE(dealt[0].saturated, 0.0F);     // 1 2
    QCOMPARE(dealt[1].saturated, 2.0F / 3); // 0 3 15
}

QTEST_GUILESS_MAIN(TestQuantizedTensor)
#include "tst_quantizedtensor.moc"
