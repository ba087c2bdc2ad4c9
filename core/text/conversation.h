// SPDX-License-Identifier: Apache-2.0
// Conversation: messages so far, and the tokens that a model reads of them.
#pragma once

#include "core/text/chattemplate.h"

#include <optional>

namespace bitlathe::text
{

class Conversation
{
public:
    /// chat: nothing for a model without a template, which goes on with the plain text. system: empty for none.
    /// maxTokens: of a prompt; 0 for no limit.
    Conversation(std::optional<ChatTemplate> chat, const std::string& system, std::int64_t maxTokens);

    void reset(); ///< Only the system's message stays.
    void add(const char* role, std::string content);
    void takeBack(); ///< The last message.
    const Json& messages() const { return m_messages; }

    /// Leaves the oldest questions and answers away until there is room; dropped counts them. Errors: TextInvalid (the
    /// last message alone is too long), those of the template.
    Result<std::vector<TokenId>> prompt(const Tokenizer& tokenizer, int& dropped);

private:
    Result<std::vector<TokenId>> idsOf(const Json& messages, const Tokenizer& tokenizer) const;

    std::optional<ChatTemplate> m_chat;
    Json m_first = Json::array(); ///< What stays when all else is forgotten.
    Json m_messages;
    std::int64_t m_maxTokens;
};

} // namespace bitlathe::text
