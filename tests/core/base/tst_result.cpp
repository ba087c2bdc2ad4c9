// SPDX-License-Identifier: Apache-2.0
// Errors as sentences and as exit codes; the macros that pass them on.
#include "core/base/result.h"

#include <QTest>

#include <memory>
#include <set>

using namespace bitlathe;

namespace {

Result<int> half(int number)
{
    if (number % 2 != 0) {
        return fail(ErrorCode::SettingInvalid, "number", Text(BITLATHE_TEXT("an even number")),
                    Text(BITLATHE_TEXT("%1"), number));
    }
    return number / 2;
}

Result<int> quarter(int number)
{
    BITLATHE_TRY(const int once, half(number));
    BITLATHE_TRY(const int twice, half(once));
    return twice;
}

Result<void> check(int number)
{
    BITLATHE_CHECK(half(number));
    return {};
}

Result<std::unique_ptr<int>> boxed(int number)
{
    BITLATHE_TRY(auto box, Result<std::unique_ptr<int>>(std::make_unique<int>(number)));
    return box;
}

} // namespace

class TestResult : public QObject
{
    Q_OBJECT

private slots:
    void sentence_data()
    {
        QTest::addColumn<QString>("expected");
        QTest::addColumn<QString>("found");
        QTest::addColumn<QString>("advice");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("all") << "a file"
                             << "nothing"
                             << "Check the path"
                             << "x.json: expected a file, found nothing. Check the path.";
        QTest::newRow("no advice") << "a file"
                                   << "nothing"
                                   << ""
                                   << "x.json: expected a file, found nothing.";
        QTest::newRow("found only") << ""
                                    << "stopped"
                                    << ""
                                    << "x.json: stopped.";
        QTest::newRow("expected only") << "a file"
                                       << ""
                                       << "Look"
                                       << "x.json: expected a file. Look.";
        QTest::newRow("bare") << ""
                              << ""
                              << ""
                              << "x.json.";
    }
    void sentence()
    {
        QFETCH(QString, expected);
        QFETCH(QString, found);
        QFETCH(QString, advice);
        QFETCH(QString, sentence);
        const Error error{ErrorCode::FileMissing, "x.json", Text(expected.toStdString()), Text(found.toStdString()),
                          Text(advice.toStdString())};
        QCOMPARE(QString::fromStdString(error.sentence()), sentence);
    }

    void cancelledHasNoSubject()
    {
        const Result<void> result = cancelled();
        QCOMPARE(result.error().sentence(), std::string("stopped on request."));
        const Error tooMuch{ErrorCode::FileInvalid, std::string(499, 'a') + "\u00e9", Text("%1", std::string(70'000, 'b')), {}, {}};
        QCOMPARE(tooMuch.sentence(), std::string(499, 'a') + "...: expected " + std::string(500, 'b') + "....");
        QCOMPARE(exitCode(result.error()), 130);
    }

    void everyCodeHasItsOwnNameAndAnExitCode()
    {
        std::set<std::string_view> names;
        const int last = static_cast<int>(ErrorCode::Internal);
        for (int code = 0; code <= last; ++code) {
            Error error;
            error.code = static_cast<ErrorCode>(code);
            names.insert(errorCodeName(error.code));
            const std::set<int> allowed{1, 2, 3, 4, 130};
            QVERIFY2(allowed.contains(exitCode(error)), std::string(errorCodeName(error.code)).c_str());
        }
        QCOMPARE(names.size(), static_cast<std::size_t>(last + 1));
    }

    void exitCodesAreThoseOfTheManual()
    {
        const auto codeOf = [](ErrorCode code) { return exitCode(Error{code, {}, {}, {}, {}}); };
        QCOMPARE(codeOf(ErrorCode::Internal), 1);
        QCOMPARE(codeOf(ErrorCode::UnknownName), 2);
        QCOMPARE(codeOf(ErrorCode::FileTruncated), 3);
        QCOMPARE(codeOf(ErrorCode::FindingsFatal), 4);
        QCOMPARE(codeOf(ErrorCode::Cancelled), 130);
    }

    void macrosPassOnValueOrError()
    {
        QCOMPARE(quarter(8).value(), 2);
        QCOMPARE(quarter(6).error().found.english(), std::string("3"));
        QVERIFY(check(4).has_value());
        QCOMPARE(check(5).error().code, ErrorCode::SettingInvalid);
        QCOMPARE(*boxed(4).value(), 4);
    }
};

QTEST_GUILESS_MAIN(TestResult)
#include "tst_result.moc"
