// SPDX-License-Identifier: Apache-2.0
// Conversation: messages so far, and the tokens that a model reads of them.
#include "core/text/conversation.h"

namespace bitlathe::text
{

Conversation::Conversation(std::optional<ChatTemplate> chat, const std::string& system, std::int64_t maxTokens)
    : m_chat(std::move(chat)), m_maxTokens(maxTokens)
{
    if (!system.empty()) {
        m_first = Json::array({{{"role", "system"}, {"content", system}}});
    }
    reset();
}

void Conversation::reset()
{
    m_messages = m_first;
}

void Conversation::add(const char* role, std::string content)
{
    m_messages.push_back({{"role", role}, {"content", std::move(content)}});
}

void Conversation::takeBack()
{
    m_messages.erase(m_messages.size() - 1);
}

Result<std::vector<TokenId>> Conversation::prompt(const Tokenizer& tokenizer, int& dropped)
{
    Json kept = m_messages;
    while (true) {
        BITLATHE_TRY(std::vector<TokenId> ids, idsOf(kept, tokenizer));
        if (m_maxTokens <= 0 || std::ssize(ids) <= m_maxTokens) {
            dropped = static_cast<int>((m_messages.size() - kept.size()) / 2);
            m_messages = std::move(kept);
            return ids;
        }
        if (kept.size() <= m_first.size() + 2) {
            return fail(ErrorCode::TextInvalid, "message",
                        Text(BITLATHE_TEXT("at most %1 tokens, so that the model has room to answer"), m_maxTokens),
                        Text(BITLATHE_TEXT("%1"), ids.size()), Text(BITLATHE_TEXT("Write a shorter one")));
        }
        kept.erase(m_first.size()); // A question,
        kept.erase(m_first.size()); // and its answer.
    }
}

Result<std::vector<TokenId>> Conversation::idsOf(const Json& messages, const Tokenizer& tokenizer) const
{
    if (m_chat) {
        ChatOptions options;
        options.addGenerationPrompt = true;
        BITLATHE_TRY(const std::string rendered, m_chat->render(messages, options));
        return tokenizer.encode(rendered); // The template writes the special tokens itself.
    }
    std::string plain;
    for (const Json& message : messages) {
        plain += (plain.empty() ? "" : "\n") + message["content"].get<std::string>();
    }
    return tokenizer.encodeWithSpecial(plain);
}

} // namespace bitlathe::text
