// SPDX-License-Identifier: Apache-2.0
// Choice questions: reads the rows of files and keeps what is a question.
#include "core/evaluate/choicequestions.h"

#include "core/base/hash.h"
#include "core/evaluate/choicerows.h"
#include "core/text/csvrows.h"
#include "core/text/textfiles.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace bitlathe::evaluate
{

namespace
{

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kSplits{"_test", "_val", "_dev", "_train"};

/// A file's name without the split that it ends with; itself where it ends with none.
std::string withoutSplit(const std::string& stem)
{
    for (const std::string_view split : kSplits) {
        if (stem.size() > split.size() && stem.ends_with(split)) {
            return stem.substr(0, stem.size() - split.size());
        }
    }
    return stem;
}

/// "name.csv:12"
std::string shortName(const text::RowPlace& place)
{
    const std::string file = fs::path(place.file).filename().string();
    return text::RowPlace{file, place.number, place.isLine}.name();
}

Text skippedRows(RowProblem problem, std::int64_t rows, const std::string& places)
{
    switch (problem) {
    case RowProblem::Fields:
        return Text(BITLATHE_TEXT("%1 rows were passed over, which have another number of fields: %2"), rows, places);
    case RowProblem::Question:
        return Text(BITLATHE_TEXT("%1 rows were passed over, which hold no question: %2"), rows, places);
    case RowProblem::Options:
        return Text(BITLATHE_TEXT("%1 rows were passed over, which don't have two to 26 options: %2"), rows, places);
    case RowProblem::Answer:
        return Text(BITLATHE_TEXT("%1 rows were passed over, whose answer is not among the options: %2"), rows, places);
    case RowProblem::RepeatedId:
        return Text(BITLATHE_TEXT("%1 rows were passed over, whose id was given before: %2"), rows, places);
    }
    return {};
}

/// Takes the rows of all files of a path.
class ChoiceReader
{
public:
    Result<void> read(const text::TextFile& file, bool isOfFolder);
    Result<ChoiceSet> finish(const fs::path& path) &&;

private:
    struct Skipped
    {
        std::int64_t rows = 0;
        std::string places; ///< The first of them.
    };

    void take(const Json& row, const text::RowPlace& place);
    void skip(RowProblem problem, const text::RowPlace& place);
    Result<void> readCsv(std::string_view content, const std::string& file);

    std::string m_subject; ///< Of rows that don't say theirs.
    ChoiceSet m_set;
    std::set<std::pair<std::string, std::string>> m_ids; ///< Subject and id.
    std::map<RowProblem, Skipped> m_skipped;
};

void ChoiceReader::skip(RowProblem problem, const text::RowPlace& place)
{
    constexpr std::int64_t kNamed = 5;
    Skipped& skipped = m_skipped[problem];
    if (skipped.rows < kNamed) {
        skipped.places += (skipped.rows == 0 ? "" : ", ") + shortName(place);
    } else if (skipped.rows == kNamed) {
        skipped.places += ", ...";
    }
    ++skipped.rows;
}

void ChoiceReader::take(const Json& row, const text::RowPlace& place)
{
    auto question = choiceQuestionOf(row);
    if (!question) {
        return skip(question.error(), place);
    }
    if (question->subject.empty()) {
        question->subject = m_subject;
    }
    if (!question->id.empty() && !m_ids.emplace(question->subject, question->id).second) {
        return skip(RowProblem::RepeatedId, place);
    }
    question->place = shortName(place);
    m_set.questions.push_back(*std::move(question));
}

/// A first record that names a question is a header.
Result<void> ChoiceReader::readCsv(std::string_view content, const std::string& file)
{
    std::vector<std::string> header;
    bool isFirst = true;
    return text::readCsvRecords(content, file, [&](std::vector<std::string> fields, const text::RowPlace& place) {
        if (std::exchange(isFirst, false) && std::ranges::find(fields, "question") != fields.end()) {
            header = std::move(fields);
        } else if (fields.size() == 1 && fields.front().empty()) {
            // An empty line.
        } else if (header.empty()) {
            const auto row = choiceRowOf(std::move(fields));
            row ? take(*row, place) : skip(row.error(), place);
        } else if (fields.size() != header.size()) {
            skip(RowProblem::Fields, place);
        } else {
            Json row = Json::object();
            for (std::size_t i = 0; i < header.size(); ++i) {
                row[header[i]] = std::move(fields[i]);
            }
            take(row, place);
        }
        return Result<void>();
    });
}

Result<void> ChoiceReader::read(const text::TextFile& file, bool isOfFolder)
{
    const std::string subject = withoutSplit(file.stem);
    m_subject = isOfFolder || subject != file.stem ? subject : std::string();
    BITLATHE_TRY(const std::string content, text::readTextFile(file));
    if (file.kind == text::TextFileKind::Csv) {
        return readCsv(content, file.path.string());
    }
    return text::readFileRows(file, content, [&](const Json& row, const text::RowPlace& place) -> Result<void> {
        take(row, place);
        return {};
    });
}

Result<ChoiceSet> ChoiceReader::finish(const fs::path& path) &&
{
    m_set.spec = path.string();
    for (const auto& [problem, skipped] : m_skipped) {
        m_set.findings.push_back({Severity::Warning, "choice-rows-skipped", path.string(),
                                  skippedRows(problem, skipped.rows, skipped.places),
                                  Text(BITLATHE_TEXT("Correct or remove these rows"))});
    }
    if (m_set.questions.empty()) {
        return fail(
            ErrorCode::TextInvalid, path.string(),
            Text(BITLATHE_TEXT("rows of a question, its options and the answer")),
            m_set.findings.empty() ? Text(BITLATHE_TEXT("none")) : m_set.findings.front().message,
            Text(BITLATHE_TEXT("Write rows as {\"question\": ..., \"A\": ..., \"B\": ..., \"answer\": \"A\"}")));
    }
    FastHash hash;
    for (const ChoiceQuestion& question : m_set.questions) {
        hash.add(std::string_view(question.question)).add(static_cast<std::int64_t>(question.answer));
        for (const std::string& option : question.options) {
            hash.add(std::string_view(option));
        }
    }
    m_set.hash = hash.digest();
    return std::move(m_set);
}

} // namespace

Result<ChoiceSet> openChoiceSet(const fs::path& path)
{
    BITLATHE_TRY(const std::vector<text::TextFile> files, text::findTextFiles(path));
    std::error_code ignored;
    const bool isFolder = fs::is_directory(path, ignored);
    ChoiceReader reader;
    for (const text::TextFile& file : files) {
        BITLATHE_CHECK(reader.read(file, isFolder));
    }
    return std::move(reader).finish(path);
}

fs::path devSplitOf(const fs::path& path)
{
    std::error_code ignored;
    const fs::path whole = fs::absolute(path).lexically_normal();
    const fs::path item = whole.has_filename() ? whole : whole.parent_path(); // "dir/" and "dir" are one.
    const fs::path devFolder =
        fs::is_directory(item, ignored) ? item.parent_path() / "dev" : item.parent_path().parent_path() / "dev";
    if (fs::is_directory(item, ignored)) {
        return devFolder != item && fs::is_directory(devFolder, ignored) ? devFolder : fs::path();
    }
    const std::string name = item.filename().string();
    const std::string subject = withoutSplit(item.stem().string());
    const fs::path dev = subject + "_dev" + item.extension().string();
    for (const fs::path& folder : {item.parent_path(), devFolder}) {
        if (name != dev && fs::exists(folder / dev, ignored)) {
            return folder / dev;
        }
    }
    return {};
}

} // namespace bitlathe::evaluate
