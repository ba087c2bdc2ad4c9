// SPDX-License-Identifier: Apache-2.0
// ChatTemplate: the text a model was trained to see for a conversation.
#pragma once

#include "core/base/json.h"
#include "core/text/jinja/template.h"
#include "core/text/tokenizer.h"

#include <filesystem>

namespace bitlathe::text
{

/// What a conversation is rendered with.
struct ChatOptions
{
    Json tools = nullptr;             ///< A list of JSON schemas, or null for none.
    bool addGenerationPrompt = false; ///< Ends where the model's answer begins.
    Json extra = Json::object();      ///< More variables of the template, such as enable_thinking.
    jinja::Clock clock;               ///< What strftime_now() says; empty: the local time.
};

/// Immutable; any thread.
class ChatTemplate
{
public:
    /// messages: a list of objects with role and content. Errors: TextInvalid (the template refuses them), NotSupported
    /// (it needs more of the language than is known here), naming file and line.
    Result<std::string> render(const Json& messages, const ChatOptions& options = {}) const;

    const std::string& file() const { return m_file; } ///< Where it was found.
    /// The template's own text, for display.
    const std::string& source() const { return m_source; }
    std::string hash() const; ///< Of the templates and the special tokens.

    /// source: the template itself; specialTokens: such as {"bos_token": "<s>"}.
    static Result<ChatTemplate> parse(std::string source, std::string file, Json specialTokens = Json::object());

private:
    friend class ChatTemplateReader;

    std::string m_file;
    std::string m_source;
    std::shared_ptr<const jinja::Template> m_default;  ///< Null where there are only others.
    std::shared_ptr<const jinja::Template> m_forTools; ///< Used where tools are given; null: the default.
    std::string m_toolSource;
    Json m_specialTokens = Json::object();
};

/// The template of a model folder: chat_template.jinja, chat_template.json or chat_template in tokenizer_config.json,
/// there a string or a list of named ones (default, tool_use); where it has none, ChatML if generation_config.json says
/// so in chat_format, as those of the first Qwen do; else nothing. Errors: FileInvalid, ConfigInvalid, NotSupported,
/// naming file and line.
Result<std::optional<ChatTemplate>> findChatTemplate(const std::filesystem::path& folder);

/// Tokens that end an answer where generation_config.json says ChatML in chat_format: that of the end, and both marks
/// of a turn. Configurations that say so don't list them.
Result<std::vector<TokenId>> chatMlEnds(const std::filesystem::path& folder, const Tokenizer& tokenizer);

/// findChatTemplate(), with FileMissing where there is none.
Result<ChatTemplate> openChatTemplate(const std::filesystem::path& folder);

/// The conversation of a row of a text set as a list of messages: messages with role and content, or conversations with
/// from and value (human, gpt and system as ShareGPT names them); null where the row holds neither.
Json conversationOf(const Json& row);

/// One question, as --prompt and --system give it.
Json conversation(const std::string& prompt, const std::string& system);

} // namespace bitlathe::text
