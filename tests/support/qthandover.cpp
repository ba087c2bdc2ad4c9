// SPDX-License-Identifier: Apache-2.0
// Tells the thread sanitizer how Qt hands work from one thread to another, which it cannot see in a library that was
// built without it: functions of Qt that this program calls are called through these. Only of its builds.
#include <QAbstractEventDispatcher>
#include <QCoreApplication>
#include <QMetaObject>
#include <QThreadPool>

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

namespace
{

char events;
char works;

/// The function of Qt's that stands behind the one of this file.
template <typename Function>
Function* next(const char* symbol)
{
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, symbol));
}

/// Sees every event before it is delivered.
class Receiver : public QObject
{
public:
    using QObject::QObject;
    bool eventFilter(QObject* /*watched*/, QEvent* /*event*/) override
    {
        __tsan_acquire(&events);
        return false;
    }
};

void receive()
{
    qApp->installEventFilter(new Receiver(qApp));
}

} // namespace

Q_COREAPP_STARTUP_FUNCTION(receive)

void QCoreApplication::postEvent(QObject* receiver, QEvent* event, int priority)
{
    static auto* const post = next<void(QObject*, QEvent*, int)>("_ZN16QCoreApplication9postEventEP7QObjectP6QEventi");
    __tsan_release(&events);
    post(receiver, event, priority);
}

bool QMetaObject::invokeMethodImpl(QObject* object, QtPrivate::QSlotObjectBase* slot, Qt::ConnectionType type,
                                   void* result)
{
    static auto* const invoke = next<bool(QObject*, QtPrivate::QSlotObjectBase*, Qt::ConnectionType, void*)>(
        "_ZN11QMetaObject16invokeMethodImplEP7QObjectPN9QtPrivate15QSlotObjectBaseEN2Qt14ConnectionTypeEPv");
    __tsan_release(&events);
    return invoke(object, slot, type, result);
}

void QMetaObject::activate(QObject* sender, const QMetaObject* object, int signal, void** arguments)
{
    static auto* const emitSignal =
        next<void(QObject*, const QMetaObject*, int, void**)>("_ZN11QMetaObject8activateEP7QObjectPKS_iPPv");
    __tsan_release(&events);
    emitSignal(sender, object, signal, arguments);
}

void QThreadPool::start(std::function<void()> work, int priority)
{
    static auto* const startWork =
        next<void(QThreadPool*, std::function<void()>, int)>("_ZN11QThreadPool5startESt8functionIFvvEEi");
    std::function<void()> received = [work = std::move(work)]() mutable {
        __tsan_acquire(&works);
        work();
        work = nullptr;
        __tsan_release(&events);
    };
    __tsan_release(&works);
    startWork(this, std::move(received), priority);
}
