// SPDX-License-Identifier: Apache-2.0
// bitlathe-cli tokenize: text to token ids and back.
#include "app/cli/recipeoptions.h"
#include "app/cli/table.h"
#include "core/base/file.h"
#include "core/report/numbers.h"
#include "core/text/textfacts.h"

namespace bitlathe::cli
{

namespace
{

struct TokenizeOptions
{
    std::string folder;
    std::string text;
    std::string file;
    std::string texts;
    bool special = false;
    bool decode = false;
    std::string data;
    bool facts = false;
};

/// What stands for one text in the document of --json.
Json encoded(const text::Tokenizer& tokenizer, const std::string& text, bool special)
{
    const std::vector<text::TokenId> ids = special ? tokenizer.encodeWithSpecial(text) : tokenizer.encode(text);
    Json tokens = Json::array();
    for (const text::TokenId id : ids) {
        tokens.push_back(tokenizer.piece(id));
    }
    return {{"ids", ids}, {"tokens", std::move(tokens)}, {"text", text}};
}

Result<Json> decoded(const text::Tokenizer& tokenizer, const Json& list, const std::string& subject, bool special)
{
    std::vector<text::TokenId> ids;
    Json tokens = Json::array();
    for (const Json& entry : list) {
        if (!entry.is_number_integer() || entry.get<std::int64_t>() < 0 || entry.get<std::int64_t>() > INT32_MAX) {
            return fail(ErrorCode::TextInvalid, subject, Text(BITLATHE_TEXT("token ids")),
                        Text("%1", entry.dump().substr(0, 40)));
        }
        ids.push_back(entry.get<text::TokenId>());
        tokens.push_back(tokenizer.piece(ids.back()));
    }
    return Json{{"ids", ids}, {"tokens", std::move(tokens)}, {"text", tokenizer.decode(ids, !special)}};
}

/// Each text of the file: strings to encode, or lists of ids to decode.
Result<Json> allTexts(const text::Tokenizer& tokenizer, const TokenizeOptions& options)
{
    BITLATHE_TRY(const Json list, readJson(options.texts, 1ULL << 30));
    Json results = Json::array();
    const bool isArray = list.is_array();
    for (const Json& entry : isArray ? list : Json::array()) {
        if (options.decode ? !entry.is_array() : !entry.is_string()) {
            return fail(ErrorCode::TextInvalid, options.texts,
                        options.decode ? Text(BITLATHE_TEXT("a list of lists of token ids"))
                                       : Text(BITLATHE_TEXT("a list of strings")),
                        Text(BITLATHE_TEXT("an entry of type %1"), entry.type_name()));
        }
        if (options.decode) {
            BITLATHE_TRY(Json one, decoded(tokenizer, entry, options.texts, options.special));
            results.push_back(std::move(one));
        } else {
            results.push_back(encoded(tokenizer, entry.get<std::string>(), options.special));
        }
    }
    if (!isArray) {
        return fail(ErrorCode::TextInvalid, options.texts, Text(BITLATHE_TEXT("a JSON array")),
                    Text(BITLATHE_TEXT("the type %1"), list.type_name()));
    }
    return results;
}

/// One text from --text or --file; with --decode ids as a JSON array, with or without brackets.
Result<Json> oneText(const text::Tokenizer& tokenizer, const TokenizeOptions& options)
{
    std::string text = options.text;
    const std::string subject = options.file.empty() ? "--text" : options.file;
    if (!options.file.empty()) {
        BITLATHE_TRY(text, readFile(options.file, 1ULL << 30));
    }
    if (!options.decode) {
        return encoded(tokenizer, text, options.special);
    }
    const bool hasBrackets = text.find('[') != std::string::npos;
    BITLATHE_TRY(const Json ids, parseJson(hasBrackets ? text : '[' + text + ']', subject));
    return decoded(tokenizer, ids, subject, options.special);
}

std::string tokensText(const Json& result, bool decode)
{
    if (decode) {
        return result["text"].get<std::string>() + '\n';
    }
    Table table({{"Id", true}, {"Token"}});
    for (std::size_t i = 0; i < result["ids"].size(); ++i) {
        table.add({result["ids"][i].dump(), report::printable(result["tokens"][i].get<std::string>())});
    }
    return table.text() + fmt::format("{} tokens\n", result["ids"].size());
}

/// How much text a set holds, and how long its rows are.
Result<void> showFacts(Session& session, const text::Tokenizer& tokenizer, const TokenizeOptions& options)
{
    BITLATHE_TRY(const text::TextSet set, text::openTextSet(options.data, options.folder));
    BITLATHE_TRY(const text::TextSetFacts facts, text::factsOf(set, &tokenizer));
    Json lengths = Json::array();
    Table table({{"Tokens below", true}, {"Rows", true}});
    for (const text::LengthBin& bin : facts.lengths) {
        lengths.push_back({{"below", bin.below}, {"rows", bin.rows}});
        table.add({report::countText(bin.below), report::countText(bin.rows)});
    }
    session.console.document({{"data", options.data},
                              {"hash", set.hash},
                              {"rows", facts.rows},
                              {"blank_rows", facts.blankRows},
                              {"chats", set.chats},
                              {"chats_rendered", set.chatsAreRendered},
                              {"bytes", facts.bytes},
                              {"tokens", facts.tokens},
                              {"shortest", facts.shortest},
                              {"median", facts.median},
                              {"longest", facts.longest},
                              {"lengths", std::move(lengths)}});
    session.console.print(
        fmt::format("{} rows ({} blank), {}, {} tokens; a row has {} to {}, half of them up to {}\n\n",
                    report::countText(facts.rows), report::countText(facts.blankRows),
                    report::bytesText(static_cast<std::uint64_t>(facts.bytes)), report::countText(facts.tokens),
                    report::countText(facts.shortest), report::countText(facts.longest),
                    report::countText(facts.median)) +
        table.text());
    if (set.chats > 0 && !set.chatsAreRendered) {
        session.console.note("the folder has no chat template: messages of conversations are joined by line breaks");
    }
    return {};
}

Result<void> tokenize(Session& session, const TokenizeOptions& options)
{
    BITLATHE_TRY(const auto tokenizer, text::openTokenizer(options.folder));
    if (options.facts) {
        return showFacts(session, *tokenizer, options);
    }
    if (options.texts.empty()) {
        BITLATHE_TRY(const Json result, oneText(*tokenizer, options));
        session.console.document(result);
        session.console.print(tokensText(result, options.decode));
        return {};
    }
    BITLATHE_TRY(const Json results, allTexts(*tokenizer, options));
    session.console.document(results);
    for (const Json& result : results) {
        session.console.print(options.decode ? tokensText(result, true) : result["ids"].dump() + '\n');
    }
    return {};
}

} // namespace

void addTokenizeCommand(CLI::App& app, Session& session)
{
    auto* command = addCommand(app, session, "tokenize", "Text to token ids, and back");
    auto options = std::make_shared<TokenizeOptions>();
    command->add_option("DIR", options->folder, "A folder with a tokenizer")->required();
    auto* text = command->add_option("--text", options->text, "A text; with --decode: ids, such as 1,2,3");
    auto* file = command->add_option("--file", options->file, "A file with the text (or, with --decode, the ids)")
                     ->excludes(text);
    auto* texts =
        command->add_option("--texts", options->texts, "A JSON array of texts (with --decode: of lists of ids)")
            ->excludes(text)
            ->excludes(file);
    command->add_flag("--special", options->special,
                      "With the special tokens that the model's own tokenizer adds; with --decode: keep them");
    command->add_flag("--decode", options->decode, "Ids to text");
    auto* data = command->add_option("--data", options->data, "A text set, as quantize takes it (with --facts)")
                     ->excludes(text)
                     ->excludes(file)
                     ->excludes(texts);
    auto* facts = command->add_flag("--facts", options->facts, "How many tokens --data has, and how long its rows are")
                      ->needs(data);
    data->needs(facts);
    addDataFolderOption(*command, "Options");
    command->callback([&session, options, text, file, texts, data] {
        if (text->count() + file->count() + texts->count() + data->count() == 0) {
            throw CLI::RequiredError("--text, --file or --texts, or --data with --facts");
        }
        session.action = [&session, options] { return tokenize(session, *options); };
    });
}

} // namespace bitlathe::cli
