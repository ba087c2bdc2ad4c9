// SPDX-License-Identifier: GPL-3.0-or-later
// Page: one entry of the rail.
#include "ui/pages/page.h"

namespace bitlathe::ui
{

Page::Page(Session& session, QWidget* parent) : QWidget(parent), m_session(session) {}

Page::~Page() = default;

} // namespace bitlathe::ui
