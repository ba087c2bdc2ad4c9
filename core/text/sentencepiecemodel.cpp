// SPDX-License-Identifier: Apache-2.0
// The few facts of a SentencePiece model file that the library keeps to itself.
#include "core/text/sentencepiecemodel.h"

#include <optional>

namespace bitlathe::text {

namespace {

/// Field numbers of sentencepiece_model.proto.
namespace model {
constexpr std::uint64_t kPieces = 1;
constexpr std::uint64_t kTrainer = 2;
constexpr std::uint64_t kNormalizer = 3;
constexpr std::uint64_t kSelfTest = 4;
} // namespace model
namespace trainer {
constexpr std::uint64_t kModelType = 3;
constexpr std::uint64_t kSpaceEndsPiece = 24;
constexpr std::uint64_t kUnknownSurface = 44;
} // namespace trainer
namespace normalizer {
constexpr std::uint64_t kCharacterMap = 2;
constexpr std::uint64_t kAddsPrefixSpace = 3;
constexpr std::uint64_t kRemovesExtraSpaces = 4;
constexpr std::uint64_t kEscapesSpaces = 5;
} // namespace normalizer

struct Field
{
    std::uint64_t number = 0;
    std::uint64_t value = 0; ///< Of a varint.
    std::string_view bytes;  ///< Of a string or message.
};

/// Walks the fields of one protocol buffer message.
class FieldReader
{
public:
    explicit FieldReader(std::string_view message) : m_rest(message) {}

    /// The next field; nothing at the end and where the message is broken.
    std::optional<Field> next()
    {
        if (m_rest.empty() || m_isBroken) {
            return std::nullopt;
        }
        const std::uint64_t key = varint();
        Field field{key >> 3U, 0, {}};
        switch (key & 7U) {
        case 0:
            field.value = varint();
            break;
        case 1:
            take(8);
            break;
        case 2:
            field.bytes = take(varint());
            break;
        case 5:
            take(4);
            break;
        default:
            m_isBroken = true;
        }
        return m_isBroken ? std::nullopt : std::optional(field);
    }

    bool isBroken() const { return m_isBroken; }

private:
    std::uint64_t varint()
    {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (m_rest.empty()) {
                break;
            }
            const auto byte = static_cast<unsigned char>(m_rest.front());
            m_rest.remove_prefix(1);
            value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
            if (byte < 0x80) {
                return value;
            }
        }
        m_isBroken = true;
        return 0;
    }

    std::string_view take(std::uint64_t count)
    {
        if (count > m_rest.size()) {
            m_isBroken = true;
            return {};
        }
        const std::string_view taken = m_rest.substr(0, count);
        m_rest.remove_prefix(count);
        return taken;
    }

    std::string_view m_rest;
    bool m_isBroken = false;
};

/// False where the message is broken or names a kind of model that there is not.
bool readTrainer(std::string_view message, SentencePieceFacts& facts)
{
    FieldReader reader(message);
    while (const std::optional<Field> field = reader.next()) {
        if (field->number == trainer::kModelType) {
            if (field->value < 1 || field->value > 4) {
                return false;
            }
            facts.kind = static_cast<SentencePieceKind>(field->value - 1);
        } else if (field->number == trainer::kSpaceEndsPiece) {
            facts.spaceEndsPiece = field->value != 0;
        } else if (field->number == trainer::kUnknownSurface) {
            facts.unknownSurface = field->bytes;
        }
    }
    return !reader.isBroken();
}

bool readNormalizer(std::string_view message, SentencePieceFacts& facts)
{
    FieldReader reader(message);
    while (const std::optional<Field> field = reader.next()) {
        if (field->number == normalizer::kCharacterMap) {
            facts.hasCharacterMap = !field->bytes.empty();
        } else if (field->number == normalizer::kAddsPrefixSpace) {
            facts.addsPrefixSpace = field->value != 0;
        } else if (field->number == normalizer::kRemovesExtraSpaces) {
            facts.removesExtraSpaces = field->value != 0;
        } else if (field->number == normalizer::kEscapesSpaces) {
            facts.escapesSpaces = field->value != 0;
        }
    }
    return !reader.isBroken();
}

} // namespace

Result<SentencePieceFacts> readSentencePieceFacts(std::string_view serialized, const std::string& subject)
{
    SentencePieceFacts facts;
    FieldReader reader(serialized);
    bool isGood = true;
    while (const std::optional<Field> field = reader.next()) {
        if (field->number == model::kPieces) {
            ++facts.pieces;
        } else if (field->number == model::kTrainer) {
            isGood = isGood && readTrainer(field->bytes, facts);
        } else if (field->number == model::kNormalizer) {
            isGood = isGood && readNormalizer(field->bytes, facts);
        } else if (field->number == model::kSelfTest) {
            facts.hasSelfTest = facts.hasSelfTest || !field->bytes.empty();
        }
    }
    if (!isGood || reader.isBroken() || facts.pieces == 0) {
        return fail(ErrorCode::TokenizerInvalid, subject, Text(BITLATHE_TEXT("a SentencePiece model")),
                    facts.pieces == 0 ? Text(BITLATHE_TEXT("a file without a vocabulary"))
                                      : Text(BITLATHE_TEXT("a file that is cut off or damaged")),
                    Text(BITLATHE_TEXT("Copy or download the file again")));
    }
    return facts;
}

std::string_view withoutPrefixSpace()
{
    // A second normalizer message is merged into the first; the last value of a field counts.
    constexpr std::string_view kMessage("\x1A\x02\x18\x00", 4);
    return kMessage;
}

} // namespace bitlathe::text
