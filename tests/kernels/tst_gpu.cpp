// SPDX-License-Identifier: Apache-2.0
// Finding and opening GPUs through the plug-in: missing, broken, of another version, without a driver, with devices
// that refuse; and the memory of one that opens.
#include "kernels/cuda/arena.h"
#include "kernels/cuda/plugin.h"
#include "kernels/cudabackend.h"

#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

#include <array>
#include <map>
#include <random>

using namespace bitlathe::kernels;

Q_DECLARE_METATYPE(GpuAbsence)

class TestGpu : public QObject
{
    Q_OBJECT

private slots:
    void missingPlugin()
    {
        const GpuFacts facts = gpusOfPlugin("/nowhere/libbitlathe_cuda.so");
        QCOMPARE(facts.absence, GpuAbsence::PluginBroken);
        QVERIFY2(facts.detail.find("/nowhere/libbitlathe_cuda.so") != std::string::npos, facts.detail.c_str());
        QVERIFY(facts.devices.empty());
    }

    void fileThatIsNoLibrary()
    {
        QTemporaryDir folder;
        QFile file(folder.filePath("libbitlathe_cuda.so"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("not a library");
        file.close();
        const GpuFacts facts = gpusOfPlugin(file.fileName().toStdString());
        QCOMPARE(facts.absence, GpuAbsence::PluginBroken);
        QVERIFY(!facts.detail.empty());
    }

    void libraryWithoutTheFunctions()
    {
        const GpuFacts facts = gpusOfPlugin("libm.so.6");
        QCOMPARE(facts.absence, GpuAbsence::PluginBroken);
        QVERIFY2(facts.detail.find("bitlatheCuda") != std::string::npos, facts.detail.c_str());
    }

    /// Its other functions are not even looked for.
    void otherVersion() { QCOMPARE(gpusOfPlugin(PLUGIN_OTHER_VERSION).absence, GpuAbsence::OtherVersion); }

    void noDriver()
    {
        const GpuFacts facts = gpusOfPlugin(PLUGIN_NO_DEVICE);
        QCOMPARE(facts.absence, GpuAbsence::NoDevice);
        QCOMPARE(facts.detail, std::string("no driver today"));
    }

    void devices()
    {
        const GpuFacts facts = gpusOfPlugin(PLUGIN_TWO_DEVICES);
        QCOMPARE(facts.absence, GpuAbsence::None);
        QCOMPARE(facts.devices.size(), std::size_t{2});
        QCOMPARE(facts.devices[1].name, std::string(256, 'B'));
        QCOMPARE(facts.devices[1].bytesTotal, std::uint64_t{80} << 30);
        QCOMPARE(facts.devices[1].major, 9);
        QCOMPARE(facts.devices[1].minor, 1);
        QCOMPARE(facts.devices[1].multiprocessors, 132);
    }

    void refusals_data()
    {
        QTest::addColumn<QString>("plugin");
        QTest::addColumn<int>("device");
        QTest::addColumn<GpuAbsence>("absence");
        QTest::addColumn<QString>("detail");
        const auto row = [](const char* name, const char* plugin, int device, GpuAbsence absence, const char* detail) {
            QTest::newRow(name) << plugin << device << absence << detail;
        };
        row("no plug-in", "", 0, GpuAbsence::NoPlugin, "");
        row("other version", PLUGIN_OTHER_VERSION, 0, GpuAbsence::OtherVersion, "");
        row("no driver", PLUGIN_NO_DEVICE, 0, GpuAbsence::NoDevice, "no driver today");
        row("no such device", PLUGIN_TWO_DEVICES, BitlatheCudaNoDevice, GpuAbsence::NoDevice, "so it was told");
        row("too old", PLUGIN_TWO_DEVICES, BitlatheCudaTooOld, GpuAbsence::TooOld, "so it was told");
        row("budget", PLUGIN_TWO_DEVICES, BitlatheCudaBudgetTooSmall, GpuAbsence::BudgetTooSmall, "so it was told");
        row("library", PLUGIN_TWO_DEVICES, BitlatheCudaLibraryMissing, GpuAbsence::LibraryMissing, "so it was told");
        row("failed", PLUGIN_TWO_DEVICES, BitlatheCudaFailed, GpuAbsence::OpenFailed, "so it was told");
        row("a status of tomorrow", PLUGIN_TWO_DEVICES, 77, GpuAbsence::OpenFailed, "so it was told");
    }
    void refusals()
    {
        QFETCH(const QString, plugin);
        QFETCH(const int, device);
        QFETCH(const GpuAbsence, absence);
        QFETCH(const QString, detail);
        const OpenedCuda opened = openCuda(plugin.toStdString(), {.device = device, .bytesBudget = 4096});
        QVERIFY(!opened.backend);
        QCOMPARE(opened.facts.absence, absence);
        QCOMPARE(QString::fromStdString(opened.facts.detail), detail);
    }

    void memoryOfADevice()
    {
        const OpenedCuda opened = openCuda(PLUGIN_TWO_DEVICES, {.bytesBudget = 4096});
        QVERIFY(opened.backend);
        const Memory& memory = opened.backend->memory();
        QVERIFY(!memory.isHost());
        const std::array<float, 3> values{1.0F, 2.0F, 3.0F};
        {
            const auto x = Buffer<float>::of(memory, values);
            const auto y = Buffer<float>::of(memory, values);
            QVERIFY(x && y);
            QCOMPARE(memory.use().bytesUsed, std::uint64_t{512});
            QVERIFY(!Buffer<float>::allocated(memory, 1024)); // More than is left.
            opened.backend->add(x->span(), y->span());
            std::array<float, 3> sum = {};
            QVERIFY(x->download(sum));
            QCOMPARE(sum, (std::array<float, 3>{2.0F, 4.0F, 6.0F}));
        }
        QCOMPARE(memory.use().bytesUsed, std::uint64_t{0});
        QCOMPARE(memory.use().bytesPeak, std::uint64_t{512});
        QVERIFY(Buffer<float>::allocated(memory, 1024));
    }

    void failuresStay()
    {
        const OpenedCuda opened = openCuda(PLUGIN_TWO_DEVICES, {.bytesBudget = 4096});
        const Memory& memory = opened.backend->memory();
        auto x = Buffer<float>::allocated(memory, 8);
        QVERIFY(memory.wait());
        QCOMPARE(memory.failure(), std::string());
        opened.backend->rmsNorm(x->span(), x->span(), 1e-5, x->span());
        QVERIFY(!memory.wait());
        std::array<float, 8> values = {};
        QVERIFY(!x->download(values));
        QCOMPARE(memory.failure(), std::string("rmsNorm: it is broken"));
    }

    void hostMemoryNeedsNoDevice()
    {
        const Memory& memory = cpuBackend().memory();
        QVERIFY(memory.isHost());
        const std::array<double, 2> values{1.0, 2.0};
        const auto buffer = Buffer<double>::of(memory, values);
        QVERIFY(std::ranges::equal(buffer->span(), values));
        QVERIFY(memory.wait() && memory.failure().empty());
    }

    /// Random taking and giving back: parts lie inside, apart from one another, and the books agree.
    void arenaKeepsToItsSize()
    {
        constexpr std::uint64_t kSize = 1 << 20;
        bitlathe::cuda::Arena arena(kSize + 100); // The rest of a unit cannot be used.
        QCOMPARE(arena.size(), kSize);
        std::map<std::uint64_t, std::uint64_t> parts;
        std::mt19937 random(1);
        int refused = 0;
        for (int step = 0; step < 20000; ++step) {
            if (random() % 3 == 0 && !parts.empty()) {
                auto part = std::next(parts.begin(), static_cast<std::ptrdiff_t>(random() % parts.size()));
                QVERIFY(arena.giveBack(part->first));
                QVERIFY(!arena.giveBack(part->first));
                parts.erase(part);
            } else if (const std::uint64_t bytes = 1 + random() % 40000; const auto offset = arena.take(bytes)) {
                QVERIFY(*offset % 256 == 0 && *offset + bytes <= kSize);
                const auto next = parts.lower_bound(*offset);
                QVERIFY(next == parts.end() || *offset + bytes <= next->first);
                QVERIFY(next == parts.begin() || std::prev(next)->first + std::prev(next)->second <= *offset);
                parts.emplace(*offset, bytes);
            } else {
                ++refused;
            }
        }
        QVERIFY(refused > 100);
        std::uint64_t used = 0;
        for (const auto& part : parts) {
            used += (part.second + 255) / 256 * 256;
        }
        QCOMPARE(arena.used(), used);
        for (const auto& part : parts) {
            QVERIFY(arena.giveBack(part.first));
        }
        QCOMPARE(arena.take(kSize).value_or(1), std::uint64_t{0}); // All gaps have joined.
        QVERIFY(!arena.take(1));
    }

    void pluginIsNamedByTheEnvironment()
    {
        qputenv("BITLATHE_CUDA_PLUGIN", PLUGIN_NO_DEVICE);
        QCOMPARE(gpuPluginFile(), std::string(PLUGIN_NO_DEVICE));
        QCOMPARE(gpus().absence, GpuAbsence::NoDevice);
        qunsetenv("BITLATHE_CUDA_PLUGIN");
    }

    void builtPlugin()
    {
        const std::string file = BITLATHE_CUDA_BUILT;
        if (file.empty()) {
            QSKIP("this build has no CUDA plug-in");
        }
        const GpuFacts facts = gpusOfPlugin(file);
        QVERIFY2(facts.absence == GpuAbsence::None || facts.absence == GpuAbsence::NoDevice, facts.detail.c_str());
        if (facts.absence == GpuAbsence::NoDevice) {
            QVERIFY(!facts.detail.empty());
            QSKIP(facts.detail.c_str());
        }
        for (const GpuDevice& device : facts.devices) {
            QVERIFY(!device.name.empty() && device.bytesTotal > (std::uint64_t{1} << 30) && device.major >= 8);
        }
    }
};

QTEST_GUILESS_MAIN(TestGpu)
#include "tst_gpu.moc"
