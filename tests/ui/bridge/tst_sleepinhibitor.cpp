// SPDX-License-Identifier: Apache-2.0
// Sleep is kept off while there is work: asked of a logind and a portal made for the test, on a bus of its own.
#include "tests/support/tempfolder.h"
#include "ui/bridge/sleepinhibitor.h"

#include <QDBusConnection>
#include <QDBusObjectPath>
#include <QDBusUnixFileDescriptor>
#include <QProcess>
#include <QStandardPaths>
#include <QTest>
#include <QVariantMap>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

using namespace bitlathe;
using namespace bitlathe::ui;

/// Gives the writing end of a pipe; whether anybody still holds it shows at the other.
class FakeLogind : public QObject
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.login1.Manager")

public:
    ~FakeLogind() override { closeAll(); }
    bool isHeld() const
    {
        pollfd state = {m_ends[0], 0, 0};
        return m_ends[0] >= 0 && poll(&state, 1, 0) >= 0 && (state.revents & POLLHUP) == 0;
    }
    QString what;

public Q_SLOTS:
    QDBusUnixFileDescriptor Inhibit(const QString& kinds, const QString&, const QString&, const QString& mode)
    {
        what = kinds + QLatin1Char(' ') + mode;
        closeAll();
        if (pipe2(m_ends, O_CLOEXEC) != 0) {
            return {};
        }
        const QDBusUnixFileDescriptor given(m_ends[1]); // A copy.
        close(std::exchange(m_ends[1], -1));
        return given;
    }

private:
    void closeAll()
    {
        for (int& end : m_ends) {
            if (end >= 0) {
                close(std::exchange(end, -1));
            }
        }
    }
    int m_ends[2] = {-1, -1};
};

class FakeRequest : public QObject
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.portal.Request")

public:
    bool isClosed = false;

public Q_SLOTS:
    void Close() { isClosed = true; }
};

class FakePortal : public QObject
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.portal.Inhibit")

public:
    uint flags = 0;

public Q_SLOTS:
    QDBusObjectPath Inhibit(const QString&, uint wanted, const QVariantMap&)
    {
        flags = wanted;
        return QDBusObjectPath(QStringLiteral("/request/1"));
    }
};

class TestSleepInhibitor : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void withoutAnyServiceNothingHappens();
    void thePortalIsAskedWhereThereIsNoLogind();
    void logindIsAsked();
    void aLateAnswerIsLetGo();
    void cleanupTestCase()
    {
        m_bus.terminate();
        m_bus.waitForFinished();
    }

private:
    QProcess m_bus;
    FakeLogind m_logind;
};

void TestSleepInhibitor::initTestCase()
{
    const QString daemon = QStandardPaths::findExecutable(QStringLiteral("dbus-daemon"));
    if (daemon.isEmpty()) {
        QSKIP("no dbus-daemon on this machine");
    }
    m_bus.start(daemon, {QStringLiteral("--session"), QStringLiteral("--nofork"), QStringLiteral("--print-address")});
    QVERIFY(m_bus.waitForReadyRead());
    const QByteArray address = m_bus.readLine().trimmed();
    qputenv("DBUS_SYSTEM_BUS_ADDRESS", address);
    qputenv("DBUS_SESSION_BUS_ADDRESS", address);
}

void TestSleepInhibitor::withoutAnyServiceNothingHappens()
{
    SleepInhibitor inhibitor;
    inhibitor.setWanted(true);
    QTRY_VERIFY(!LatestTask::anyRunning());
    QVERIFY(!inhibitor.isHeld());
}

void TestSleepInhibitor::thePortalIsAskedWhereThereIsNoLogind()
{
    FakePortal portal;
    FakeRequest request;
    QDBusConnection bus = QDBusConnection::connectToBus(QDBusConnection::SessionBus, QStringLiteral("portal"));
    QVERIFY(bus.registerObject(QStringLiteral("/org/freedesktop/portal/desktop"), &portal,
                               QDBusConnection::ExportAllSlots));
    QVERIFY(bus.registerObject(QStringLiteral("/request/1"), &request, QDBusConnection::ExportAllSlots));
    QVERIFY(bus.registerService(QStringLiteral("org.freedesktop.portal.Desktop")));
    SleepInhibitor inhibitor;
    inhibitor.setWanted(true);
    QTRY_VERIFY(inhibitor.isHeld());
    QCOMPARE(portal.flags, 4U);
    QVERIFY(!request.isClosed);
    inhibitor.setWanted(false);
    QTRY_VERIFY(request.isClosed);
    bus.unregisterService(QStringLiteral("org.freedesktop.portal.Desktop"));
}

void TestSleepInhibitor::logindIsAsked()
{
    QDBusConnection bus = QDBusConnection::connectToBus(QDBusConnection::SystemBus, QStringLiteral("logind"));
    QVERIFY(bus.registerObject(QStringLiteral("/org/freedesktop/login1"), &m_logind, QDBusConnection::ExportAllSlots));
    QVERIFY(bus.registerService(QStringLiteral("org.freedesktop.login1")));
    {
        SleepInhibitor inhibitor;
        inhibitor.setWanted(true);
        QTRY_VERIFY(inhibitor.isHeld());
        QCOMPARE(m_logind.what, QStringLiteral("sleep:idle block"));
        QTRY_VERIFY(m_logind.isHeld());
        inhibitor.setWanted(false);
        QVERIFY(!inhibitor.isHeld());
        QTRY_VERIFY(!m_logind.isHeld());
        inhibitor.setWanted(true);
        QTRY_VERIFY(inhibitor.isHeld());
    }
    QTRY_VERIFY(!m_logind.isHeld()); // Its end lets go, too.
}

void TestSleepInhibitor::aLateAnswerIsLetGo()
{
    SleepInhibitor inhibitor;
    inhibitor.setWanted(true);
    inhibitor.setWanted(false); // Before the answer.
    QTRY_VERIFY(!LatestTask::anyRunning());
    QVERIFY(!inhibitor.isHeld());
    QTRY_VERIFY(!m_logind.isHeld());
}

QTEST_MAIN(TestSleepInhibitor)
#include "tst_sleepinhibitor.moc"
