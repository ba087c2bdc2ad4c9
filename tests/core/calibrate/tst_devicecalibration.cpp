// SPDX-License-Identifier: Apache-2.0
// Calibration on a device: the statistics of the processor, and what happens where memory is short or the device stops.
#include "core/calibrate/calibrate.h"
#include "core/format/openmodel.h"
#include "core/model/goldenmodel.h"
#include "core/model/randommodel.h"
#include "support/cudadevice.h"
#include "support/tempfolder.h"
#include "support/trappeddevice.h"

#include <QTest>

#include <cmath>
#include <fstream>
#include <random>
#include <set>

namespace bitlathe::calibrate
{

namespace fs = std::filesystem;
using tests::TempFolder;
using tests::TrappedDevice;
using Samples = std::vector<std::vector<model::TokenId>>;

namespace
{

/// Of sums in f32 that run in another order: relative to the geometric mean of the diagonal entries.
constexpr double kHessianTolerance = 1e-5;
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

constexpr model::RandomShape kShape{
    .vocabulary = 64, .hidden = 64, .blocks = 4, .intermediate = 120, .heads = 4, .kvHeads = 2, .maxPositions = 256};

Samples makeSamples()
{
    std::mt19937 random(5);
    Samples samples;
    for (const std::size_t length : {200U, 200U, 200U, 200U, 200U, 200U, 200U, 200U, 33U, 1U}) {
        auto& sample = samples.emplace_back(length);
        std::ranges::generate(sample, [&] { return static_cast<model::TokenId>(random() % 64); });
    }
    return samples;
}

std::shared_ptr<const model::Model> openOn(const fs::path& folder, std::shared_ptr<const kernels::Backend> device,
                                           model::Compute compute = model::Compute::F32)
{
    const auto opened = format::openModel(folder);
    if (!opened) {
        throw std::runtime_error(opened.error().sentence());
    }
    auto model = format::runnable(**opened, {compute, model::Residency::Streamed, std::move(device)});
    if (!model) {
        throw std::runtime_error(model.error().sentence());
    }
    return *std::move(model);
}

void compareVectors(const std::vector<float>& found, const std::vector<float>& expected, double share)
{
    QCOMPARE(found.size(), expected.size());
    const float largest =
        std::abs(*std::ranges::max_element(expected, {}, [](float value) { return std::abs(value); }));
    for (std::size_t i = 0; i < found.size(); ++i) {
        QVERIFY(std::abs(static_cast<double>(found[i]) - static_cast<double>(expected[i])) <=
                share * static_cast<double>(largest));
    }
}

/// ranges: what minima and maxima may differ by, as a share of the largest of them.
void compareStats(const BlockStats& found, const BlockStats& expected, double ranges, double hessians)
{
    QCOMPARE(found.inputs.size(), expected.inputs.size());
    for (std::size_t i = 0; i < found.inputs.size(); ++i) {
        const InputStats& input = found.inputs[i];
        const InputStats& other = expected.inputs[i];
        QCOMPARE(input.linears, other.linears);
        QCOMPARE(input.tokens, other.tokens);
        QCOMPARE(input.features, other.features);
        QCOMPARE(input.hessian.size(), other.hessian.size());
        for (const auto member : {&InputStats::min, &InputStats::max, &InputStats::absMax}) {
            compareVectors(input.*member, other.*member, ranges);
        }
        compareVectors(input.mean, other.mean, std::max(ranges, 1e-6));
        compareVectors(input.absMean, other.absMean, std::max(ranges, 1e-6));
        const auto size = static_cast<std::size_t>(input.features);
        for (std::size_t place = 0; place < input.hessian.size(); ++place) {
            const double scale = std::sqrt(static_cast<double>(other.hessian[place / size * (size + 1)]) *
                                           static_cast<double>(other.hessian[place % size * (size + 1)]));
            QVERIFY(std::abs(static_cast<double>(input.hessian[place]) - static_cast<double>(other.hessian[place])) <=
                    hessians * scale);
        }
    }
    for (const auto member : {&KeyValueStats::keyMin, &KeyValueStats::keyMax, &KeyValueStats::keyAbsMax,
                              &KeyValueStats::valueMin, &KeyValueStats::valueMax, &KeyValueStats::valueAbsMax}) {
        compareVectors(found.keyValue.*member, expected.keyValue.*member, ranges);
    }
}

void compareStores(const StatsStore& found, const StatsStore& expected, double ranges, double hessians)
{
    QVERIFY(found.complete());
    for (std::int64_t block = 0; block < expected.blockCount(); ++block) {
        const auto stats = found.block(block);
        const auto others = expected.block(block);
        BITLATHE_VERIFY_OK(stats);
        BITLATHE_VERIFY_OK(others);
        compareStats(**stats, **others, ranges, hessians);
    }
}

} // namespace

class TestDeviceCalibration : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        BITLATHE_VERIFY_OK(model::writeRandomModel(kShape, 1, m_folder / "model"));
        const auto expected = calibrate(*openOn(m_folder / "model", nullptr), "model", makeSamples(),
                                        {.cacheRoot = m_folder / "processor"});
        BITLATHE_VERIFY_OK(expected);
        m_expected = *expected;
    }

    void sameStatistics_data()
    {
        QTest::addColumn<bool>("hessian");
        QTest::newRow("all") << true;
        QTest::newRow("without Hessians") << false;
    }
    void sameStatistics()
    {
        QFETCH(const bool, hessian);
        const TempFolder cache;
        const auto device = std::make_shared<TrappedDevice>(512 * kMiB);
        Findings findings;
        std::vector<std::int64_t> seen;
        const auto found = calibrate(*openOn(m_folder / "model", device), "model", makeSamples(),
                                     {.hessian = hessian, .findings = &findings, .cacheRoot = cache.path()}, {},
                                     [&](std::int64_t block) { seen.push_back(block); });
        BITLATHE_VERIFY_OK(found);
        QVERIFY(findings.empty());
        QCOMPARE(seen, (std::vector<std::int64_t>{0, 1, 2, 3}));
        QCOMPARE(device->memory().use().bytesUsed, std::uint64_t{0});
        if (hessian) {
            compareStores(**found, *m_expected, 0, kHessianTolerance);
        } else {
            QVERIFY((*found)->block(1).value()->inputs.front().hessian.empty());
        }
    }

    void experts()
    {
        const auto folder = tests::sharedModel("arch/qwen3-moe");
        if (!fs::exists(folder)) {
            QSKIP("the shared golden folder is not there");
        }
        const Samples samples(3, tests::goldenRun(folder).ids);
        const TempFolder cache;
        const auto expected = calibrate(*openOn(folder, nullptr), "moe", samples, {.cacheRoot = cache / "processor"});
        BITLATHE_VERIFY_OK(expected);
        const auto device = std::make_shared<TrappedDevice>(512 * kMiB);
        const auto found = calibrate(*openOn(folder, device), "moe", samples, {.cacheRoot = cache / "device"});
        BITLATHE_VERIFY_OK(found);
        compareStores(**found, **expected, 0, kHessianTolerance);
    }

    /// From a budget that holds all down to one that holds no batch: always the same statistics, and it says how.
    void lessAndLessMemory()
    {
        std::set<std::string> codes;
        bool wasRefused = false;
        for (std::uint64_t budget = 8 * kMiB; budget > kMiB / 8; budget = budget * 15 / 16) {
            const TempFolder cache;
            const auto device = std::make_shared<TrappedDevice>(budget);
            Findings findings;
            const auto found = model::withDeviceErrors([&]() -> Result<std::shared_ptr<StatsStore>> {
                BITLATHE_TRY(const auto opened, format::openModel(m_folder / "model"));
                BITLATHE_TRY(const auto model,
                             format::runnable(*opened, {model::Compute::F32, model::Residency::Streamed, device}));
                return calibrate(*model, "model", makeSamples(), {.findings = &findings, .cacheRoot = cache.path()});
            });
            QCOMPARE(device->memory().use().bytesUsed, std::uint64_t{0});
            if (!found) {
                QCOMPARE(found.error().code, ErrorCode::DeviceMemoryShort);
                wasRefused = true;
                continue;
            }
            compareStores(**found, *m_expected, 0, kHessianTolerance);
            for (const Finding& finding : findings) {
                codes.insert(finding.code);
            }
        }
        QVERIFY(wasRefused);
        QCOMPARE(codes, std::set<std::string>{"device-states-on-processor"});
    }

    /// Less than was planned with: the block begins again with fewer samples at a time.
    void memoryGoesMeanwhile()
    {
        const TempFolder cache;
        const auto device = std::make_shared<TrappedDevice>(512 * kMiB);
        std::vector<kernels::Buffer<std::byte>> taken;
        Findings findings;
        const auto take = [&](std::int64_t) {
            for (std::size_t bytes = 256 * kMiB; bytes >= kMiB / 4; bytes /= 2) {
                while (auto piece = kernels::Buffer<std::byte>::allocated(device->memory(), bytes)) {
                    taken.push_back(*std::move(piece));
                }
            }
        };
        const auto found = calibrate(*openOn(m_folder / "model", device), "model", makeSamples(),
                                     {.findings = &findings, .cacheRoot = cache.path()}, {}, take);
        BITLATHE_VERIFY_OK(found);
        compareStores(**found, *m_expected, 0, kHessianTolerance);
        QCOMPARE(findings.size(), std::size_t{1});
        QCOMPARE(findings.front().code, std::string("device-batch-smaller"));
    }

    void notFinite()
    {
        const TempFolder folder;
        fs::copy(m_folder / "model", folder / "broken", fs::copy_options::recursive);
        const auto checkpoint = *checkpoint::Checkpoint::open(folder / "broken");
        const auto* entry = checkpoint->find("model.layers.1.mlp.down_proj.weight");
        QVERIFY(entry != nullptr);
        std::fstream file(checkpoint->files()[entry->file], std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(entry->offset));
        file.write("\xC0\x7F", 2); // NaN
        file.close();
        const auto found = calibrate(*openOn(folder / "broken", std::make_shared<TrappedDevice>()), "broken",
                                     makeSamples(), {.cacheRoot = folder / "cache"});
        QVERIFY(!found);
        QCOMPARE(found.error().code, ErrorCode::WeightsNotFinite);
        QCOMPARE(found.error().subject, std::string("block 1"));
    }

    /// What was finished stays, and the processor goes on there.
    void deviceStops()
    {
        const TempFolder cache;
        const auto device = std::make_shared<TrappedDevice>(512 * kMiB);
        const auto stopped =
            calibrate(*openOn(m_folder / "model", device), "model", makeSamples(), {.cacheRoot = cache.path()}, {},
                      [&](std::int64_t) { device->trapped().fail("the card fell off the bus"); });
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().code, ErrorCode::DeviceFailed);
        QVERIFY(stopped.error().sentence().find("fell off the bus") != std::string::npos);
        const auto store = StatsStore::openFolder(cache.path() / m_expected->folder().filename());
        BITLATHE_VERIFY_OK(store);
        QVERIFY((*store)->hasBlock(0) && !(*store)->complete());
        const auto finished =
            calibrate(*openOn(m_folder / "model", nullptr), "model", makeSamples(), {.cacheRoot = cache.path()});
        BITLATHE_VERIFY_OK(finished);
        compareStores(**finished, *m_expected, 0, kHessianTolerance);
    }

    void statisticsOfAGpu()
    {
        const model::Device& gpu = tests::cudaDevice();
        if (gpu.isProcessor()) {
            QSKIP(tests::cudaDeviceAbsence().c_str());
        }
        // Inputs of deeper blocks carry what the blocks before them round.
        for (const auto& [compute, share] :
             {std::pair(model::Compute::F32, 1e-4), std::pair(model::Compute::Bf16, 2e-2)}) {
            const TempFolder cache;
            const auto found = calibrate(*openOn(m_folder / "model", gpu.backend, compute), "model", makeSamples(),
                                         {.cacheRoot = cache.path()});
            BITLATHE_VERIFY_OK(found);
            compareStores(**found, *m_expected, share, share);
        }
    }

private:
    TempFolder m_folder;
    std::shared_ptr<StatsStore> m_expected;
};

} // namespace bitlathe::calibrate

QTEST_GUILESS_MAIN(bitlathe::calibrate::TestDeviceCalibration)
#include "tst_devicecalibration.moc"
