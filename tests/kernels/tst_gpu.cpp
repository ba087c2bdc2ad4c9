// SPDX-License-Identifier: Apache-2.0
// Finding GPUs through the plug-in: missing, broken, of another version, without a driver, with devices.
#include "kernels/gpu.h"

#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

using namespace bitlathe::kernels;

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
