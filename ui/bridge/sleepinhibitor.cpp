// SPDX-License-Identifier: GPL-3.0-or-later
// SleepInhibitor: keeps the machine from going to sleep by itself while there is work.
#include "ui/bridge/sleepinhibitor.h"

#include "core/base/log.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusObjectPath>
#include <QDBusReply>
#include <QDBusUnixFileDescriptor>

namespace bitlathe::ui
{

namespace
{

using namespace Qt::StringLiterals;

constexpr int kAnswerMs = 2000;

QString reason()
{
    return u"Jobs are running"_s; // For the system's list of inhibitors, which is English.
}

QDBusMessage call(const QDBusConnection& bus, const QString& service, const QString& path, const QString& interface,
                  const QString& method, const QVariantList& arguments)
{
    QDBusMessage message = QDBusMessage::createMethodCall(service, path, interface, method);
    message.setArguments(arguments);
    return bus.call(message, QDBus::Block, kAnswerMs);
}

/// logind gives a file descriptor that keeps sleep off until it is closed.
std::shared_ptr<void> askLogind()
{
    const QDBusConnection bus = QDBusConnection::systemBus();
    if (!bus.isConnected()) {
        return nullptr;
    }
    const QDBusReply<QDBusUnixFileDescriptor> reply =
        call(bus, u"org.freedesktop.login1"_s, u"/org/freedesktop/login1"_s, u"org.freedesktop.login1.Manager"_s,
             u"Inhibit"_s, {u"sleep:idle"_s, u"Bitlathe"_s, reason(), u"block"_s});
    return reply.isValid() && reply.value().isValid() ? std::make_shared<QDBusUnixFileDescriptor>(reply.value())
                                                      : nullptr;
}

/// The portal gives a request that keeps sleep off until it is closed.
std::shared_ptr<void> askPortal()
{
    const QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected()) {
        return nullptr;
    }
    constexpr quint32 kSuspend = 4;
    const QString service = u"org.freedesktop.portal.Desktop"_s;
    const QDBusReply<QDBusObjectPath> reply =
        call(bus, service, u"/org/freedesktop/portal/desktop"_s, u"org.freedesktop.portal.Inhibit"_s, u"Inhibit"_s,
             {QString(), kSuspend, QVariantMap{{u"reason"_s, reason()}}});
    if (!reply.isValid()) {
        return nullptr;
    }
    const auto close = [bus, service](QString* path) {
        bus.send(QDBusMessage::createMethodCall(service, *path, u"org.freedesktop.portal.Request"_s, u"Close"_s));
        delete path;
    };
    return std::shared_ptr<QString>(new QString(reply.value().path()), close);
}

} // namespace

void SleepInhibitor::setWanted(bool wanted)
{
    if (wanted == m_wanted) {
        return;
    }
    m_wanted = wanted;
    m_lock.reset();
    m_asking.cancel();
    if (!wanted) {
        return;
    }
    m_asking.start(
        [](const std::stop_token&) {
            std::shared_ptr<void> lock = askLogind();
            return lock ? lock : askPortal();
        },
        [this](std::shared_ptr<void> lock) {
            m_lock = std::move(lock);
            log().debug(m_lock ? "sleep is kept off" : "nothing here can keep sleep off");
        });
}

} // namespace bitlathe::ui
