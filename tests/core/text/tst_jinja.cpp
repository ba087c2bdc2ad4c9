// SPDX-License-Identifier: Apache-2.0
// Templates: every snippet as transformers renders it, limits, and errors that name construct and line.
#include "core/text/jinja/template.h"

#include "core/base/json.h"
#include "support/tempfolder.h"

using namespace bitlathe;
using namespace bitlathe::text::jinja;

namespace
{

const std::filesystem::path kCases = BITLATHE_SOURCE_DIR "/tests/data/jinja/cases.json";

/// The clock of the cases.
std::tm july()
{
    std::tm time{};
    time.tm_year = 124;
    time.tm_mon = 6;
    time.tm_mday = 26;
    time.tm_hour = 14;
    time.tm_min = 5;
    time.tm_sec = 9;
    time.tm_wday = 5;
    time.tm_yday = 207;
    return time;
}

Result<std::string> rendered(std::string_view source, const Json& variables = Json::object(), const Limits& limits = {})
{
    BITLATHE_TRY(const Template parsed, Template::parse(source, "t", limits));
    return parsed.render(variables, {limits, july});
}

class TestJinja : public QObject
{
    Q_OBJECT

private slots:
    void cases_data();
    void cases();
    void errorsNameConstructAndLine_data();
    void errorsNameConstructAndLine();
    void limitsEndEveryTemplate_data();
    void limitsEndEveryTemplate();
    void deepTemplatesAreRefused_data();
    void deepTemplatesAreRefused();
    void namespacesThatHoldOneAnother();
    void isUsedAgain();
};

void TestJinja::cases_data()
{
    QTest::addColumn<QString>("source");
    QTest::addColumn<bool>("fails");
    QTest::addColumn<QString>("text");
    const auto document = readJson(kCases);
    BITLATHE_VERIFY_OK(document);
    QVERIFY(document->at("cases").size() > 150);
    int number = 0;
    for (const Json& one : document->at("cases")) {
        const bool fails = one.contains("error");
        QTest::addRow("%d", number++) << QString::fromStdString(one.at("template").get<std::string>()) << fails
                                      << (fails ? QString()
                                                : QString::fromStdString(one.at("text").get<std::string>()));
    }
}

void TestJinja::cases()
{
    QFETCH(const QString, source);
    QFETCH(const bool, fails);
    QFETCH(const QString, text);
    const auto document = readJson(kCases);
    const auto made = rendered(source.toStdString(), document->at("variables"));
    QVERIFY2(made.has_value() != fails,
             qPrintable(source + " gave " + QString::fromStdString(made ? *made : made.error().sentence())));
    if (!fails) {
        QCOMPARE(QString::fromStdString(*made), text);
    }
}

void TestJinja::errorsNameConstructAndLine_data()
{
    QTest::addColumn<QString>("source");
    QTest::addColumn<QString>("sentence");
    QTest::newRow("tag") << "a\n{% include 'x' %}"
                         << "t:2: expected a chat template of the constructs that models use, found include";
    QTest::newRow("recursive")
        << "\n\n{% for x in y recursive %}{% endfor %}"
        << "t:3: expected a chat template of the constructs that models use, found for ... recursive";
    QTest::newRow("filter") << "{{ 1\n|wordwrap }}"
                            << "t:2: expected a filter that is known here, found wordwrap";
    QTest::newRow("test") << "{{ 1 is odder }}"
                          << "t:1: expected a test that is known here, found odder";
    QTest::newRow("undefined") << "\n{{ a.b }}"
                               << "t:2: expected a value for a, found none defined";
    QTest::newRow("refusal") << "{{ raise_exception('No.') }}"
                             << "t:1: expected messages that the template takes, found its refusal: No.";
    QTest::newRow("end") << "{% if 1 %}\na"
                         << "t:2: expected endif, found the end of the template";
    QTest::newRow("star")
        << "{{ f(*a) }}"
        << "t:1: expected a chat template of the constructs that models use, found arguments from a list "
           "or mapping (*, **)";
}

void TestJinja::errorsNameConstructAndLine()
{
    QFETCH(const QString, source);
    QFETCH(const QString, sentence);
    const auto made = rendered(source.toStdString());
    QVERIFY(!made);
    QVERIFY2(QString::fromStdString(made.error().sentence()).startsWith(sentence), made.error().sentence().c_str());
}

void TestJinja::limitsEndEveryTemplate_data()
{
    QTest::addColumn<QString>("source");
    const QString loop = "{% for a in range(9999) %}{% for b in range(9999) %}";
    const QString end = "{% endfor %}{% endfor %}";
    QTest::newRow("steps") << loop + end;
    QTest::newRow("output") << loop + QString(1000, 'x') + end;
    QTest::newRow("doubled text") << "{% set n = namespace(x='ab') %}" + loop + "{% set n.x = n.x + n.x %}" + end;
    QTest::newRow("repeated text") << "{{ 'abc' * 9999999999 }}";
    QTest::newRow("repeated list") << "{{ [1] * 9999999999 }}";
    QTest::newRow("doubled list") << "{% set n = namespace(x=[1]) %}" + loop + "{% set n.x = n.x + n.x %}" + end;
    QTest::newRow("nested values") << "{% set n = namespace(x=1) %}" + loop + "{% set n.x = [n.x] %}" + end;
    QTest::newRow("printed twice at every level")
        << "{% set n = namespace(x=1) %}{% for a in range(60) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}";
    QTest::newRow("written twice at every level")
        << "{% set n = namespace(x=1) %}{% for a in range(60) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x|tojson }}";
    QTest::newRow("compared twice at every level") << "{% set n = namespace(x=1, y=1) %}{% for a in range(60) %}{% set "
                                                      "n.x = [n.x, n.x] %}{% set n.y = [n.y, n.y] %}"
                                                      "{% endfor %}{{ n.x == n.y }}";
    QTest::newRow("endless macro") << "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}";
    QTest::newRow("endless callers")
        << "{% macro m() %}{{ caller is defined }}{% call m() %}{% endcall %}{% endmacro %}{{ m() }}";
    QTest::newRow("endless macro in deep blocks")
        << "{% macro m() %}" + QString("{% if 1 %}").repeated(150) + "{{ m() }}" + QString("{% endif %}").repeated(150) +
               "{% endmacro %}{{ m() }}";
    QTest::newRow("range") << "{{ range(9999999)|length }}";
    QTest::newRow("replace") << "{{ ('a' * 100000)|replace('a', 'b' * 100000) }}";
    QTest::newRow("join") << "{{ (['a'] * 100000)|join('b' * 100000) }}";
    QTest::newRow("field") << "{{ '%9999999999d' % 1 }}";
}

void TestJinja::limitsEndEveryTemplate()
{
    QFETCH(const QString, source);
    Limits limits;
    limits.steps = 1'000'000;
    limits.outputBytes = 1'000'000;
    const auto made = rendered(source.toStdString(), Json::object(), limits);
    QVERIFY(!made);
    QCOMPARE(made.error().code, ErrorCode::NotSupported);
}

void TestJinja::deepTemplatesAreRefused_data()
{
    QTest::addColumn<QString>("source");
    constexpr int kDeep = 5000;
    QTest::newRow("brackets") << "{{ " + QString(kDeep, '(') + "1" + QString(kDeep, ')') + " }}";
    QTest::newRow("lists") << "{{ " + QString(kDeep, '[') + QString(kDeep, ']') + " }}";
    QTest::newRow("sum") << "{{ 1" + QString("+1").repeated(kDeep) + " }}";
    QTest::newRow("attributes") << "{{ a" + QString(".b").repeated(kDeep) + " }}";
    QTest::newRow("filters") << "{{ a" + QString("|list").repeated(kDeep) + " }}";
    QTest::newRow("not") << "{{ " + QString("not ").repeated(kDeep) + "1 }}";
    QTest::newRow("minus") << "{{ " + QString("-").repeated(kDeep) + "1 }}";
    QTest::newRow("blocks") << QString("{% if 1 %}").repeated(kDeep) + QString("{% endif %}").repeated(kDeep);
    QTest::newRow("targets") << "{% set " + QString(kDeep, '(') + "a" + QString(kDeep, ')') + " = 1 %}";
    QTest::newRow("conditions") << "{{ " + QString("1 if 1 else ").repeated(kDeep) + "1 }}";
}

void TestJinja::deepTemplatesAreRefused()
{
    QFETCH(const QString, source);
    const auto made = rendered(source.toStdString());
    QVERIFY(!made);
    QCOMPARE(made.error().code, ErrorCode::NotSupported);
}

void TestJinja::namespacesThatHoldOneAnother()
{
    QCOMPARE(rendered("{% set a = namespace() %}{% set a.a = a %}{% set a.b = [a] %}ok{{ a.a.a.b|length }}").value(),
             "ok1");
    // A chain that a destructor would follow down the stack.
    QCOMPARE(rendered("{% set n = namespace(x=none) %}{% for i in range(50000) %}{% set n.x = namespace(x=n.x) %}"
                      "{% endfor %}ok")
                 .value(),
             "ok");
    QVERIFY(!rendered("{% set a = namespace() %}{{ a }}"));
    // A macro does not outlive the block that holds it.
    QVERIFY(!rendered("{% set n = namespace() %}{% for i in [1] %}{% macro m() %}{{ i }}{% endmacro %}{% set n.m = m %}"
                      "{% endfor %}{{ n.m() }}"));
}

void TestJinja::isUsedAgain()
{
    const auto parsed = Template::parse("{% set ns = namespace(x=y) %}{% set ns.x = ns.x + 1 %}{{ ns.x }}", "t");
    BITLATHE_VERIFY_OK(parsed);
    QCOMPARE(parsed->render({{"y", 1}}).value(), "2");
    QCOMPARE(parsed->render({{"y", 5}}).value(), "6");
}

} // namespace

QTEST_GUILESS_MAIN(TestJinja)
#include "tst_jinja.moc"
