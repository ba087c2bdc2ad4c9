// SPDX-License-Identifier: Apache-2.0
// Finds the chat template of a folder and renders conversations with it.
#include "core/text/chattemplate.h"

#include "core/base/file.h"
#include "core/base/hash.h"
#include "core/text/tokenizerfiles.h"

#include <array>

namespace bitlathe::text
{

namespace fs = std::filesystem;

namespace
{

constexpr std::uint64_t kMaxFileBytes = 16'000'000;
constexpr std::string_view kToolTemplate = "tool_use";
constexpr const char* kSpecialTokens[] = {"bos_token", "eos_token", "unk_token", "sep_token",
                                          "pad_token", "cls_token", "mask_token"};

/// ChatML as Qwen's own code writes it, who is told to be a helpful assistant where nothing else is said.
constexpr std::string_view kChatMl =
    "{% if messages[0].role != 'system' %}<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n{% endif %}"
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

bool isThere(const fs::path& file)
{
    std::error_code ignored;
    return fs::exists(file, ignored);
}

Result<Json> readObject(const fs::path& file)
{
    if (!isThere(file)) {
        return Json::object();
    }
    BITLATHE_TRY(Json json, readJson(file, kMaxFileBytes));
    if (!json.is_object()) {
        return fail(ErrorCode::ConfigInvalid, file.string(), Text(BITLATHE_TEXT("a JSON object")),
                    Text(BITLATHE_TEXT("a value of type %1"), json.type_name()));
    }
    return json;
}

/// The file that says that a folder's model speaks ChatML; nothing where none does.
Result<std::optional<fs::path>> chatMlFile(const fs::path& folder)
{
    const fs::path file = folder / "generation_config.json";
    BITLATHE_TRY(const Json config, readObject(file));
    BITLATHE_TRY(const std::string format, JsonObject(config, file.string()).string("chat_format", ""));
    return format == "chatml" ? std::optional(file) : std::nullopt;
}

/// Tokens as texts; a token may be an object with its text as content.
void addSpecialTokens(const Json& config, Json& tokens)
{
    for (const char* name : kSpecialTokens) {
        const auto it = config.find(name);
        if (it == config.end() || tokens.contains(name)) {
            continue;
        }
        if (it->is_string()) {
            tokens[name] = *it;
        } else if (it->is_object() && it->contains("content") && it->at("content").is_string()) {
            tokens[name] = it->at("content");
        }
    }
}

/// Keys without a value are left out, as transformers does it: templates ask whether a key is there. What a model
/// thought goes by several names; templates read the first two.
Json plainMessages(const Json& messages)
{
    Json plain = Json::array();
    for (const Json& message : messages) {
        if (!message.is_object()) {
            plain.push_back(message);
            continue;
        }
        Json kept = Json::object();
        const Json* thought = nullptr;
        for (const char* name : {"reasoning_content", "thinking", "reasoning"}) {
            const auto it = message.find(name);
            thought = thought == nullptr && it != message.end() && !it->is_null() ? &*it : thought;
        }
        if (thought != nullptr) {
            kept["thinking"] = *thought;
        }
        for (const auto& [key, value] : message.items()) {
            if (!value.is_null()) {
                kept[key] = value;
            }
        }
        if (thought != nullptr) {
            kept["reasoning_content"] = *thought;
        }
        plain.push_back(std::move(kept));
    }
    return plain;
}

} // namespace

/// Gathers what the files of one folder say.
class ChatTemplateReader
{
public:
    explicit ChatTemplateReader(fs::path folder) : m_folder(std::move(folder)) {}

    Result<std::optional<ChatTemplate>> read();

private:
    Result<void> add(const Json& templates, const fs::path& file);
    Result<void> addOne(const std::string& name, const std::string& source);
    Failure wrongType(const fs::path& file, std::string_view found) const;

    fs::path m_folder;
    ChatTemplate m_template;
    bool m_found = false;
};

Failure ChatTemplateReader::wrongType(const fs::path& file, std::string_view found) const
{
    return fail(ErrorCode::ConfigInvalid, file.string(),
                Text(BITLATHE_TEXT("chat_template as a text, or as a list of objects with name and template")),
                Text(BITLATHE_TEXT("a value of type %1"), found),
                Text(BITLATHE_TEXT("Take the file from the model's original folder")));
}

Result<void> ChatTemplateReader::addOne(const std::string& name, const std::string& source)
{
    const bool forTools = name == kToolTemplate;
    if (!forTools && name != "default") {
        return {}; // Of other uses, such as retrieval.
    }
    BITLATHE_TRY(jinja::Template parsed, jinja::Template::parse(source, m_template.m_file));
    (forTools ? m_template.m_forTools : m_template.m_default) =
        std::make_shared<const jinja::Template>(std::move(parsed));
    (forTools ? m_template.m_toolSource : m_template.m_source) = source;
    return {};
}

Result<void> ChatTemplateReader::add(const Json& templates, const fs::path& file)
{
    m_found = true;
    m_template.m_file = file.string();
    if (templates.is_string()) {
        return addOne("default", templates.get_ref<const std::string&>());
    }
    if (!templates.is_array() || templates.empty()) {
        return wrongType(file, templates.type_name());
    }
    for (const Json& named : templates) {
        const bool isNamed = named.is_object() && named.contains("name") && named.at("name").is_string() &&
                             named.contains("template") && named.at("template").is_string();
        if (!isNamed) {
            return wrongType(file, named.type_name());
        }
        BITLATHE_CHECK(addOne(named.at("name").get<std::string>(), named.at("template").get<std::string>()));
    }
    if (m_template.m_default == nullptr && m_template.m_forTools == nullptr) {
        return fail(ErrorCode::NotSupported, file.string(),
                    Text(BITLATHE_TEXT("a chat template with the name default")), Text(BITLATHE_TEXT("other names")));
    }
    return {};
}

Result<std::optional<ChatTemplate>> ChatTemplateReader::read()
{
    const fs::path configFile = m_folder / "tokenizer_config.json";
    BITLATHE_TRY(const Json config, readObject(configFile));
    addSpecialTokens(config, m_template.m_specialTokens);
    BITLATHE_TRY(const Json map, readObject(m_folder / "special_tokens_map.json"));
    addSpecialTokens(map, m_template.m_specialTokens);
    if (const fs::path file = m_folder / "chat_template.jinja"; isThere(file)) {
        BITLATHE_TRY(std::string source, readFile(file, kMaxFileBytes));
        m_found = true;
        m_template.m_file = file.string();
        BITLATHE_CHECK(addOne("default", source));
    } else if (const fs::path wrapped = m_folder / "chat_template.json"; isThere(wrapped)) {
        BITLATHE_TRY(const Json json, readObject(wrapped));
        const auto it = json.find("chat_template");
        BITLATHE_CHECK(add(it == json.end() ? json : *it, wrapped));
    } else if (const auto it = config.find("chat_template"); it != config.end() && !it->is_null()) {
        BITLATHE_CHECK(add(*it, configFile));
    } else {
        BITLATHE_TRY(const std::optional<fs::path> chatMl, chatMlFile(m_folder));
        if (chatMl) {
            BITLATHE_CHECK(add(kChatMl, *chatMl));
        }
    }
    return m_found ? std::optional(std::move(m_template)) : std::nullopt;
}

Result<ChatTemplate> ChatTemplate::parse(std::string source, std::string file, Json specialTokens)
{
    ChatTemplate made;
    BITLATHE_TRY(jinja::Template parsed, jinja::Template::parse(source, file));
    made.m_default = std::make_shared<const jinja::Template>(std::move(parsed));
    made.m_source = std::move(source);
    made.m_file = std::move(file);
    made.m_specialTokens = std::move(specialTokens);
    return made;
}

Result<std::string> ChatTemplate::render(const Json& messages, const ChatOptions& options) const
{
    if (!messages.is_array()) {
        return fail(ErrorCode::TextInvalid, m_file, Text(BITLATHE_TEXT("a list of messages")),
                    Text(BITLATHE_TEXT("a value of type %1"), messages.type_name()));
    }
    const bool usesTools = m_forTools != nullptr && options.tools.is_array();
    const std::shared_ptr<const jinja::Template>& chosen = usesTools ? m_forTools : m_default;
    if (chosen == nullptr) {
        return fail(ErrorCode::NotSupported, m_file, Text(BITLATHE_TEXT("a chat template with the name default")),
                    Text(BITLATHE_TEXT("one for tools alone")));
    }
    Json variables = m_specialTokens;
    if (options.extra.is_object()) {
        for (const auto& [name, value] : options.extra.items()) {
            variables[name] = value;
        }
    }
    variables["messages"] = plainMessages(messages);
    variables["tools"] = options.tools;
    variables["documents"] = nullptr;
    variables["add_generation_prompt"] = options.addGenerationPrompt;
    return chosen->render(variables, {.limits = {}, .clock = options.clock});
}

std::string ChatTemplate::hash() const
{
    return FastHash().add(m_source).add(m_toolSource).add(m_specialTokens.dump()).digest();
}

Result<std::optional<ChatTemplate>> findChatTemplate(const fs::path& folder)
{
    return ChatTemplateReader(tokenizerFolder(folder)).read();
}

Result<std::vector<TokenId>> chatMlEnds(const fs::path& folder, const Tokenizer& tokenizer)
{
    std::vector<TokenId> ends;
    BITLATHE_TRY(const std::optional<fs::path> chatMl, chatMlFile(tokenizerFolder(folder)));
    if (!chatMl) {
        return ends;
    }
    if (const auto eos = tokenizer.eos()) {
        ends.push_back(*eos);
    }
    for (const std::string_view mark : {kTurnStart, kTurnEnd}) {
        const std::vector<TokenId> ids = tokenizer.encode(mark);
        if (ids.size() == 1) {
            ends.push_back(ids.front());
        }
    }
    return ends;
}

Result<ChatTemplate> openChatTemplate(const fs::path& folder)
{
    BITLATHE_TRY(std::optional<ChatTemplate> found, findChatTemplate(folder));
    if (!found) {
        return fail(
            ErrorCode::FileMissing, folder.string(),
            Text(BITLATHE_TEXT("a chat template (chat_template.jinja, or chat_template in tokenizer_config.json)")),
            Text(BITLATHE_TEXT("none in the folder")),
            Text(BITLATHE_TEXT(
                "Copy the tokenizer's files from the model's original folder, or prompt with plain text")));
    }
    return *std::move(found);
}

Json conversationOf(const Json& row)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kRoles{
        {{"human", "user"}, {"gpt", "assistant"}, {"chatgpt", "assistant"}, {"bing", "assistant"}}};
    if (!row.is_object()) {
        return nullptr;
    }
    for (const char* name : {"messages", "conversations"}) {
        const auto it = row.find(name);
        if (it == row.end() || !it->is_array() || it->empty() || !it->front().is_object()) {
            continue;
        }
        Json messages = Json::array();
        for (const Json& entry : *it) {
            const bool isShared = entry.is_object() && entry.contains("from") && entry.contains("value");
            if (!isShared || !entry.at("from").is_string()) {
                messages.push_back(entry);
                continue;
            }
            std::string role = entry.at("from").get<std::string>();
            for (const auto& [from, to] : kRoles) {
                role = role == from ? std::string(to) : role;
            }
            messages.push_back({{"role", role}, {"content", entry.at("value")}});
        }
        return messages;
    }
    return nullptr;
}

Json conversation(const std::string& prompt, const std::string& system)
{
    Json messages = Json::array();
    if (!system.empty()) {
        messages.push_back({{"role", "system"}, {"content", system}});
    }
    messages.push_back({{"role", "user"}, {"content", prompt}});
    return messages;
}

} // namespace bitlathe::text
