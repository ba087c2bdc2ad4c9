// SPDX-License-Identifier: GPL-3.0-or-later
// Preferences: what the settings dialog edits, kept between starts.
#include "ui/bridge/preferences.h"

#include "kernels/threads.h"
#include "ui/bridge/language.h"
#include "ui/bridge/session.h"

#include <QSettings>

#include <algorithm>

namespace bitlathe::ui
{
namespace
{

using namespace Qt::StringLiterals;

/// UI thread only.
evaluate::PerplexityOptions& protocolInUse()
{
    static evaluate::PerplexityOptions options = [] {
        evaluate::PerplexityOptions usual;
        usual.maxWindows = plan::EvaluationRecipe().windows;
        return usual;
    }();
    return options;
}

} // namespace

Preferences Preferences::load(const QSettings& settings)
{
    const auto value = [&settings](const QString& key) { return settings.value(u"preferences/"_s + key); };
    Preferences result;
    result.theme = themeNamed(value(u"theme"_s).toString()).value_or(Theme::Mode::System);
    result.language = value(u"language"_s).toString();
    bool valid = false;
    if (const double scale = value(u"fontScale"_s).toDouble(&valid); valid) {
        result.fontScale = scale;
    }
    result.reducedMotion = value(u"reducedMotion"_s).toBool();
    result.units = value(u"units"_s).toString() == "si"_L1 ? ByteUnits::Si : ByteUnits::Binary;
    result.threads = std::max(0, value(u"threads"_s).toInt());
    result.jobsAtOnce = std::clamp(value(u"jobsAtOnce"_s).toInt(), 1, run::JobQueue::kAtOnceMost);
    if (const auto kind = evaluate::protocolFrom(value(u"protocol"_s).toString().toStdString())) {
        result.protocol = *kind;
    }
    if (const auto length = value(u"windowLength"_s).toLongLong(&valid); valid && length >= kWindowLengthLeast) {
        result.windowLength = std::min<std::int64_t>(length, kWindowLengthMost);
    }
    const QString compute = value(u"compute"_s).toString();
    if (compute == "f32"_L1) {
        result.compute = model::Compute::F32;
    } else if (compute == "bf16"_L1) {
        result.compute = model::Compute::Bf16;
    }
    return result;
}

void Preferences::save(QSettings& settings) const
{
    settings.beginGroup(u"preferences"_s);
    settings.setValue(u"theme"_s, themeName(theme));
    settings.setValue(u"language"_s, language);
    settings.setValue(u"fontScale"_s, fontScale);
    settings.setValue(u"reducedMotion"_s, reducedMotion);
    settings.setValue(u"units"_s, units == ByteUnits::Si ? u"si"_s : u"binary"_s);
    settings.setValue(u"threads"_s, threads);
    settings.setValue(u"compute"_s, !compute ? QString() : *compute == model::Compute::F32 ? u"f32"_s : u"bf16"_s);
    settings.setValue(u"jobsAtOnce"_s, jobsAtOnce);
    settings.setValue(u"protocol"_s, toText(evaluate::protocolName(protocol)));
    settings.setValue(u"windowLength"_s, static_cast<qlonglong>(windowLength));
    settings.endGroup();
}

void Preferences::apply(Session* session) const
{
    Theme& look = Theme::instance();
    look.setReducedMotion(reducedMotion);
    if (look.fontScale() != fontScale) {
        look.setFontScale(fontScale);
    }
    if (look.mode() != theme) {
        look.setMode(theme);
    }
    setByteUnits(units);
    kernels::setThreadCount(threads);
    protocolInUse().protocol = protocol;
    protocolInUse().length = windowLength;
    protocolInUse().stride = std::min(evaluate::PerplexityOptions().stride, windowLength);
    if (session != nullptr) {
        session->jobs().setAtOnce(jobsAtOnce);
        if (session->computeSetting() != compute) {
            session->setCompute(compute);
        }
    }
    setLanguage(language); // last: the window makes its pages anew, with everything else already true
}

const evaluate::PerplexityOptions& usualProtocol()
{
    return protocolInUse();
}

} // namespace bitlathe::ui
